import { aptSources } from './apt-sources.js'
import type { Check } from './check.js'
import { clock } from './clock.js'
import { diskSpace } from './disk-space.js'
import { dns } from './dns.js'
import { environments } from './environments.js'
import { fileSystems } from './file-systems.js'
import { forge } from './forge.js'
import { gitLocks } from './git-locks.js'
import { packages } from './packages.js'
import { polkit } from './polkit.js'
import { powerSupply } from './power-supply.js'

/** Everything that is looked at, in the order in which it is told: what is the cause of others comes first. */
export const checks: readonly Check[] = [
  powerSupply,
  fileSystems,
  diskSpace,
  clock,
  dns,
  forge,
  aptSources,
  packages,
  polkit,
  gitLocks,
  environments,
]
