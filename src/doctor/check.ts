import type { DoctorFinding } from '../contract/generated/types.js'
import type { Power } from '../machine/power.js'
import type { PackageProvider } from '../machine/packages/provider.js'
import type { Throttling } from '../machine/throttling.js'
import type { Clock } from '../system/clock.js'
import type { Commands } from '../system/commands.js'
import type { DBus } from '../system/dbus.js'
import type { Files } from '../system/files.js'
import type { Web } from './web.js'

/** Something that is wrong. */
export interface Trouble {
  /** For programs. Codes never change: docs/doctor.md has them all. */
  readonly code: DoctorFinding['code']
  /** What it is about: a folder, packages, an address; empty when it is the whole machine. */
  readonly about: string
  /** What is wrong, and why, for people. Without a full stop at its end. */
  readonly cause: string
  /** What to do about it: commands, as they are typed. */
  readonly repair: string
  /** Does it, where nothing of the user's can be lost by it. @throws when it did not help */
  readonly fix?: () => Promise<void>
}

/** It cannot be told here, which is no fault. */
export interface Unknown {
  /** Why, for people. */
  readonly unknown: string
}

export type Look = readonly Trouble[] | Unknown

/** One thing that is looked at. Looking changes nothing. */
export interface Check {
  readonly name: string
  /** True when an update that runs makes it look wrong. */
  readonly needsRest?: true
  /** @throws when it could not be looked at: then nothing is known */
  look(host: DoctorHost): Promise<Look>
}

/** An application, as far as its place may be sick. */
export interface Patient {
  readonly name: string
  /** Where it lies; null when that is not known. */
  readonly folder: string | null
  readonly isGit: boolean
  /** Of its Python; null without one of its own. */
  readonly virtualenv: string | null
}

/** Where releases are found. */
export interface ForgePlace {
  /** Without a slash at its end. */
  readonly url: string
  readonly token: string | null
}

/** How repairs are done. */
export interface Repairs {
  /** Runs it when nothing is updated and nothing is printed; what is asked for meanwhile waits. @throws busy, printing */
  readonly alone: (work: () => Promise<void>) => Promise<void>
  /** What brings half installed packages to an end; null: we may not. Asked for when there are some. */
  readonly packages: () => Promise<(() => Promise<void>) | null>
}

/** What is looked at, and through what. */
export interface DoctorHost {
  readonly clock: Clock
  readonly files: Files
  readonly commands: Commands
  readonly web: Web
  readonly bus: DBus
  readonly power: Power
  readonly throttling: Throttling
  /** True when we run as root and need nobody's leave. */
  readonly root: boolean
  readonly user: string
  /** True where services are reached over D-Bus. */
  readonly usesPolkit: boolean
  /** True where packages are installed through PackageKit, if it is there. */
  readonly usesPackageKit: boolean
  /** Whether sudo lets us do what polkit might not. */
  readonly mayBecomeRoot: () => Promise<boolean>
  /** The service that we run as; null when we run as none. */
  readonly ownService: () => Promise<string | null>
  readonly forges: readonly ForgePlace[]
  /** Ours. */
  readonly folders: readonly string[]
  /** Bytes that must be free. */
  readonly minFreeSpace: number
  readonly patients: readonly Patient[]
  /** null: nobody manages packages here. */
  readonly packages: () => Promise<Pick<PackageProvider, 'busy' | 'unfinished'> | null>
  /** True while something is updated. */
  readonly isBusy: () => boolean
  readonly repairs: Repairs
}

/** Folders that things are written to, each once. */
export const foldersOf = ({ folders, patients }: DoctorHost): readonly string[] => {
  const places = patients.flatMap(({ folder, virtualenv }) => [folder, virtualenv])
  return [...new Set([...folders, ...places.filter((place) => place !== null)])]
}
