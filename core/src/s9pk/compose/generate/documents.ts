import type { Finding, Weight } from '../ledger.ts'
import type { ProjectPlan } from '../model.ts'
import { formSettings } from './settings.ts'
import { settingsVolumes } from './manifest.ts'

const HEADINGS: readonly (readonly [Weight, string, string])[] = [
  [
    'problem',
    'Needs your attention',
    'The service will not work, or not in full, before something is done about these.',
  ],
  ['changed', 'Carried in another way', 'These are part of the package, but not word for word.'],
  ['left', 'Not carried', 'The service works without these; this is what is different.'],
  ['none', 'Without effect here', 'Nothing is lost with these.'],
]

/** `CONVERSION.md`: everything of the compose file that was not simply carried, and what that means. */
export function conversionFile(file: string, findings: readonly Finding[]): string {
  const sections = HEADINGS.flatMap(([weight, heading, about]) => {
    const rows = findings.filter((finding) => finding.weight === weight)
    if (rows.length === 0) return []
    const lines = rows.map(
      ({ key, line, meaning }) =>
        `| ${line ?? ''} | ${key === '' ? '' : `\`${cell(key)}\``} | ${cell(meaning)} |\n`,
    )
    return [
      `\n## ${heading}\n\n${about}\n\n| Line | Key | What it means |\n| ---: | --- | --- |\n${lines.join('')}`,
    ]
  })
  const rest =
    sections.length === 0
      ? 'Everything in it was carried over as it is.\n'
      : 'Everything in it that is not named below was carried over as it is.\n'
  return `# How ${file} became this package\n\n${rest}${sections.join('')}`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ')
}

/** `README.md`: for the one who goes on with the project. */
export function readmeFile(plan: ProjectPlan, file: string): string {
  const services = plan.services.map(
    ({ id, imageRef, requires, oneshot }) =>
      `| [\`${id}\`](startos/services/${id}.ts) | ${imageRef} | ${oneshot ? 'runs once; ' : ''}${requires.length > 0 ? `after ${requires.join(', ')}` : ''} |\n`,
  )
  const interfaces = plan.interfaces.map(
    ({ name, port, service }) => `- ${name}: port ${port} of ${service}\n`,
  )
  const volumes = [...settingsVolumes(plan), ...plan.volumes]
  return `# ${plan.title}

A service package for startd and StartOS, made from \`${file}\`. [CONVERSION.md](CONVERSION.md) lists what could not be carried over word for word.

| Part | Image | |
| --- | --- | --- |
${services.join('')}
${interfaces.length > 0 ? `What is opened:\n\n${interfaces.join('')}` : 'Nothing is opened to the outside.'}
Volumes: ${volumes.length > 0 ? volumes.map((id) => `\`${id}\``).join(', ') : 'none'}${plan.notBackedUp.length > 0 ? ` (not in the backup: ${plan.notBackedUp.join(', ')})` : ''}.

All parts run in one container and share its network. \`startos/start.ts\` makes them find each other under the names of the compose file; two parts cannot listen on the same port.

## Before you give it to others

1. Read \`CONVERSION.md\` from the top.
2. In \`startos/manifest.ts\`: licence, links and description. \`LICENSE\` has the licence's text.
3. \`icon.svg\` is a place-holder.
4. \`instructions.md\` is what the owner reads first.

## Build

\`\`\`sh
start-cli s9pk pack .
start-cli package install ${plan.id}.s9pk
\`\`\`

The SDK comes with \`start-cli\`. Images come from where \`startos/manifest.ts\` says; an \`images.yaml\` names other places, such as an archive on your disk or Debian packages.

To check types, put this directory into \`sdk/examples/\` of a checkout of startd, and run \`npx tsc -p sdk/examples\` there.
`
}

/** `instructions.md`: for the owner of the service. */
export function instructionsFile(plan: ProjectPlan): string {
  const fields = formSettings(plan)
  const secrets = plan.settings.some(({ generator }) => generator !== null)
  const ui = plan.interfaces.find(({ type }) => type === 'ui')
  const steps = [
    fields.length > 0 ? 'Run the action **Settings** and look whether everything is as you want it.' : null,
    'Start the service and wait until all of its parts are green. The first start may take some minutes.',
    ui ? `Open **${ui.name}**.` : null,
    secrets
      ? 'The action **Show passwords and keys** shows what was drawn at random for this service.'
      : null,
  ].filter((step) => step !== null)
  return `# ${plan.title}\n\n${steps.map((step, i) => `${i + 1}. ${step}\n`).join('')}`
}

export function licenseFile(plan: ProjectPlan): string {
  const images = [...new Set(plan.services.map(({ imageRef }) => imageRef))].map((one) => `- ${one}\n`)
  return `State here the licence of this package.

It contains these images, each under its own licence:

${images.join('')}`
}

export function packageJsonFile(plan: ProjectPlan): string {
  const content = {
    name: plan.id,
    version: '0.0.0',
    private: true,
    type: 'module',
    scripts: {
      check: 'tsc',
      build:
        'esbuild startos/index.ts --bundle --platform=node --format=cjs --target=node20 --outfile=javascript/index.js',
      pack: 'npm run build && start-cli s9pk pack',
    },
    dependencies: { '@startd/sdk': '0.1.0' },
    devDependencies: { '@types/node': '26.6.6', esbuild: '0.28.2', typescript: '6.0.3' },
  }
  return `${JSON.stringify(content, null, 2)}\n`
}
