/*
 * Numbers of PackageKit's D-Bus interface: pk-enum.h of PackageKit 1.2.
 */

/** What is asked for, by the method of a transaction that begins it; for people. */
export const roles = {
  GetDetails: 'Get details',
  GetUpdates: 'Get updates',
  InstallPackages: 'Install packages',
  RefreshCache: 'Refresh cache',
  RepairSystem: 'Repair system',
  Resolve: 'Resolve',
  UpdatePackages: 'Update packages',
} as const

export type Role = keyof typeof roles

/** PkInfoEnum: what is told of a package. */
export const info = {
  installed: 1,
  available: 2,
  blocked: 9,
  updating: 11,
  installing: 12,
  removing: 13,
  obsoleting: 15,
  downgrading: 20,
} as const

/** PkInfoEnum of what GetUpdates offers, by how much it matters. */
export const offered: ReadonlySet<number> = new Set([info.available, 3, 4, 5, 6, 7, 8, 26])

/** PkInfoEnum of what is being done to a package, for people. */
export const activities: Readonly<Record<number, string>> = {
  10: 'Downloading',
  [info.updating]: 'Updating',
  [info.installing]: 'Installing',
  [info.removing]: 'Removing',
  14: 'Cleaning up',
  [info.obsoleting]: 'Obsoleting',
  19: 'Reinstalling',
  [info.downgrading]: 'Downgrading',
  21: 'Preparing',
  22: 'Decompressing',
}

/** PkStatusEnum of downloading. */
export const download = 8

/** PkStatusEnum of work whose percentage is progress, for people. */
export const working: Readonly<Record<number, string>> = {
  3: 'Running',
  6: 'Remove',
  [download]: 'Download',
  9: 'Install',
  10: 'Update',
  16: 'Commit',
}

/** PkStatusEnum of what it waits for, for people. */
export const waiting: Readonly<Record<number, string>> = {
  1: 'Waiting for another transaction of PackageKit...',
  30: 'Waiting for another program that uses the packages...',
}

/** PkFilterEnum and PkTransactionFlagEnum are bits of 64. */
export const filters = { none: 0n, installed: 1n << 2n, newest: 1n << 16n, arch: 1n << 18n } as const
export const flags = { none: 0n, onlyTrusted: 1n << 1n, simulate: 1n << 2n, onlyDownload: 1n << 3n } as const

/** PkExitEnum, for people. */
export const exits: Readonly<Record<number, string>> = {
  1: 'Success',
  2: 'Failed',
  3: 'Cancelled',
  6: 'Killed',
  8: 'Need untrusted',
}
export const success = 1
/** PkErrorEnum of who may not do it. */
export const notAuthorized = 48
/** PkAuthorizeEnum */
export const authorized = 1
/** Of a percentage that is not known. */
export const unknownPercentage = 101
