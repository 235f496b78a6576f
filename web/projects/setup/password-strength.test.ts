import { expect, it } from 'vitest'
import { passwordStrength } from './password-strength.ts'

it('tells long and varied passwords from short and repeated ones', () => {
  expect(passwordStrength('')).toBe(0)
  expect(passwordStrength('aaaaaaaaaaaaaaaa')).toBe(0)
  expect(passwordStrength('1234567890')).toBe(0)
  expect(passwordStrength('hund')).toBe(0)
  expect(passwordStrength('correct horse battery')).toBeGreaterThanOrEqual(3)
  expect(passwordStrength('kV7#pQ2!mZ9$tR4&')).toBe(4)
})
