export { Settings, fixedText, joined, settingText } from './registry.ts'
export { literalText, textOf } from './texts.ts'
