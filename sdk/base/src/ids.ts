import { z } from 'zod'

/** Package, host, image, action, health-check and interface ids share one grammar (effects.md §1.4). */
const ID = /^[a-z0-9]+(-[a-z0-9]+)*$/
const id = z.string().max(256).regex(ID, 'use lower-case letters, digits and single dashes between them')

export const PackageId = id.brand<'PackageId'>()
export type PackageId = z.infer<typeof PackageId>
export const HostId = id.brand<'HostId'>()
export type HostId = z.infer<typeof HostId>
export const ImageId = id.brand<'ImageId'>()
export type ImageId = z.infer<typeof ImageId>
export const ActionId = id.brand<'ActionId'>()
export type ActionId = z.infer<typeof ActionId>
export const HealthCheckId = id.brand<'HealthCheckId'>()
export type HealthCheckId = z.infer<typeof HealthCheckId>
export const ServiceInterfaceId = id.brand<'ServiceInterfaceId'>()
export type ServiceInterfaceId = z.infer<typeof ServiceInterfaceId>

/** A volume id, or the literal `BACKUP` of older packages. */
export const VolumeId = z.union([id, z.literal('BACKUP')]).brand<'VolumeId'>()
export type VolumeId = z.infer<typeof VolumeId>

/** Names a task within the package that created it; any text, but never one that poisons an object. */
export const ReplayId = z
  .string()
  .min(1)
  .max(1024)
  .refine((text) => text !== '__proto__', 'this name is reserved')
  .brand<'ReplayId'>()
export type ReplayId = z.infer<typeof ReplayId>

/** A Linux network interface name. */
export const GatewayId = z.string().min(1).max(64).brand<'GatewayId'>()
export type GatewayId = z.infer<typeof GatewayId>

/** 20 random bytes in upper-case RFC 4648 base32 without padding: containers, subcontainers, continuations. */
export const Guid = z
  .string()
  .regex(/^[A-Z2-7]{32}$/, 'a guid has 32 characters of A-Z and 2-7')
  .brand<'Guid'>()
export type Guid = z.infer<typeof Guid>

/** TCP or UDP port, 0…65535. */
export const Port = z.int().min(0).max(65535)
