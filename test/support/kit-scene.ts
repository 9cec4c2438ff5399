import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { findPackageKit } from '../../src/machine/packages/packagekit.js'
import type { PackageProvider, PackageTask } from '../../src/machine/packages/provider.js'
import { systemClock } from '../../src/system/clock.js'
import { createDBus, type DBus } from '../../src/system/dbus.js'
import { AptRoot, listener, toys, type Talk, type ToyPackage } from './apt-root.js'
import { startPackageKit, type PrivateKit } from './package-kit.js'

/** All that is newer. */
export const all = { kind: 'upgrade', removing: true } as const satisfies PackageTask

export interface KitScene {
  readonly apt: AptRoot
  readonly kit: PrivateKit
  readonly bus: DBus
  /** PackageKit on that root. */
  readonly provider: PackageProvider
  /** The same, without apt beside it. */
  readonly alone: PackageProvider
  /** apt on that root. */
  readonly local: PackageProvider
  readonly talk: Talk
}

/** Toys on a root of their own, with a real packagekitd that was asked to refresh. */
export const kitScene = async (
  t: TestContext,
  published: readonly ToyPackage[] = toys('1.1', 'toy-a', 'toy-b', 'toy-c'),
  installed: readonly ToyPackage[] = toys('1.0', 'toy-a', 'toy-b', 'toy-c'),
): Promise<KitScene> => {
  const apt = await AptRoot.create(t, installed, published)
  const kit = await startPackageKit(t, apt)
  const bus = createDBus(kit.address)
  t.after(() => bus.close())
  const local = await apt.provider()
  const find = async (below: PackageProvider | null): Promise<PackageProvider> => {
    const found = await findPackageKit({ bus, clock: systemClock, user: 'tester', local: below })
    assert.ok(found !== null, 'PackageKit is not on the bus')
    return found
  }
  const [provider, alone] = [await find(local), await find(null)]
  const talk = listener(apt.folder)
  await provider.refresh(talk)
  return { apt, kit, bus, provider, alone, local, talk }
}
