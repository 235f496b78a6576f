import eslint from '@eslint/js'
import prettier from 'eslint-config-prettier'
import tseslint from 'typescript-eslint'

/** Rooms of the house and what each must not import; the arrows of docs/architecture.md go one way. */
const forbid = (files, ...groups) => ({
  files,
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: groups.map((group) => ({
          group: [group],
          message: 'docs/architecture.md: this arrow goes the other way',
        })),
      },
    ],
  },
})

export default tseslint.config(
  {
    ignores: [
      '**/node_modules',
      '**/dist',
      '**/.angular',
      '**/.nx',
      '**/.cache',
      '**/javascript',
      '**/test/real-sdk-package',
    ],
  },
  eslint.configs.recommended,
  ...tseslint.configs.recommended,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-control-regex': 'off',
    },
  },
  {
    files: [
      'core/src/**/*.ts',
      'container-runtime/src/**/*.ts',
      'patch-db/{src,client}/**/*.ts',
      'sdk/*/src/**/*.ts',
    ],
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
    },
  },
  { files: ['**/*.js', '**/*.mjs'], ...tseslint.configs.disableTypeChecked },
  forbid(['patch-db/**/*.ts'], '@startd/*'),
  forbid(
    ['sdk/base/**/*.ts'],
    '@startd/core',
    '@startd/core/*',
    '@startd/sdk',
    '@startd/sdk/*',
    '@startd/container-runtime',
    'node:*',
  ),
  forbid(['sdk/package/**/*.ts', 'container-runtime/src/**/*.ts'], '@startd/core', '@startd/core/*'),
  forbid(
    ['web/projects/**/*.ts'],
    '@startd/core',
    '@startd/core/*',
    '@startd/sdk',
    '@startd/sdk/*',
    '@startd/container-runtime',
    'node:*',
  ),
  forbid(
    ['core/src/{container,s9pk,db,rpc}/**/*.ts'],
    '**/api/*',
    '**/service/*',
    '**/net/*',
    '**/backup/*',
    '**/setup/*',
    '**/bin/*',
  ),
  forbid(['core/src/{service,net,backup,system,setup,registry}/**/*.ts'], '**/api/*', '**/bin/*'),
  prettier,
)
