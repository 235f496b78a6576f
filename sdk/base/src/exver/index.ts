export { Version, type Ordering } from './version.ts'
export { ExtendedVersion } from './extended.ts'
export { VersionRange, type Operator, type RangeTerm } from './range.ts'
