import { mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import type { BuiltImage } from '../../contract/generated/types.js'
import { asMoonkeeperError } from '../../contract/error.js'
import { signImage } from '../../images/signing.js'
import { checkImage } from '../../images/validation.js'
import type { ImageManifest } from '../../images/images.js'
import { systemFiles } from '../../system/files.js'
import type { Command, Input, OptionName, Options } from '../command.js'
import { placeOptions } from '../command.js'
import { publicKeysOf, secretKeyOf } from '../image-keys.js'
import { bringImage } from '../image-transfer.js'
import type { CliIo, ExitCode } from '../io.js'
import { CliFailure, exitCodes } from '../io.js'
import { absolute } from '../place.js'
import { ProgressView } from '../progress.js'
import { withServer } from '../session.js'
import { oneLine } from '../terminal-text.js'
import { webAddressOf } from '../web-address.js'

const contentOf = ({ applications }: Pick<ImageManifest, 'applications'> | BuiltImage): string =>
  applications.map(({ name, version }) => `  ${oneLine(name)} ${oneLine(version)}\n`).join('')

const sign = async (file: string, options: Options, io: CliIo): Promise<string> => {
  const key = await secretKeyOf(options, io)
  const comment = `image:${path.basename(file)}`
  const signer = (manifest: Buffer): string => key.sign(manifest, comment)
  await signImage({ file, sign: signer, files: systemFiles, signal: io.signal })
  return key.publicKey
}

const signed = (publicKey: string): string =>
  `Signed. Each printer needs, in [moonkeeper]: signing_keys: ${publicKey}\n`

const build = async (names: readonly string[], options: Options, io: CliIo): Promise<ExitCode> => {
  if (options.output === undefined || names.length === 0)
    throw new CliFailure(exitCodes.usage, 'Something is missing: moonkeeper image build NAME... -o FILE')
  const target = absolute(options.output, io)
  const view = new ProgressView(io)
  const made = await withServer(io, options, async (client) => {
    view.begin('making the image')
    try {
      const { version } = options
      const params = { names, ...(version === undefined ? {} : { version }) }
      const built = (await client.call('machine.update.images.build', params)) as BuiltImage
      view.begin('bringing it here')
      const unfinished = `${target}.unfinished`
      await bringImage(await webAddressOf(client, options, io), unfinished)
      await systemFiles.rename(unfinished, target)
      return built
    } finally {
      view.end()
    }
  })
  io.out(`${target}: image ${oneLine(made.version)}, ${made.size} bytes\n${contentOf(made)}`)
  if (options['secret-key'] !== undefined) io.out(signed(await sign(target, options, io)))
  else io.out(`It is not signed: moonkeeper image sign ${oneLine(options.output)} -s KEY\n`)
  return exitCodes.done
}

const verify = async (file: string, options: Options, io: CliIo): Promise<string> => {
  const keys = await publicKeysOf(options, io)
  const beside = await mkdtemp(`${file}.verify-`)
  try {
    const folder = path.join(beside, 'content')
    const { manifest, signedBy } = await checkImage({
      archive: file,
      folder,
      signingKeys: keys,
      signal: io.signal,
    })
    const who =
      signedBy === null
        ? 'Whose signature it has was not asked: name a key with -k.'
        : `Signed by ${signedBy}.`
    return `${file}: image ${oneLine(manifest.version)}, whole and as its manifest says.\n${contentOf(manifest)}${who}\n`
  } finally {
    await rm(beside, { recursive: true, force: true })
  }
}

/** What is done with a file, without a server. */
interface FileVerb {
  readonly run: (file: string, options: Options, io: CliIo) => Promise<string>
  readonly options: readonly OptionName[]
}

const signing: FileVerb = {
  run: async (file, options, io) => signed(await sign(file, options, io)),
  options: ['secret-key', 'password-file'],
}

const verifying: FileVerb = { run: verify, options: ['public-key'] }

const onFiles: ReadonlyMap<string, FileVerb> = new Map([
  ['sign', signing],
  ['verify', verifying],
])

const onFile = async (
  verb: string,
  given: readonly string[],
  options: Options,
  io: CliIo,
): Promise<ExitCode> => {
  const known = onFiles.get(verb)
  if (known === undefined)
    throw new CliFailure(
      exitCodes.usage,
      `image knows build, ${[...onFiles.keys()].join(', ')}, not '${verb}'.`,
    )
  const strange = (Object.keys(options) as OptionName[]).find((name) => !known.options.includes(name))
  if (strange !== undefined)
    throw new CliFailure(exitCodes.usage, `image ${verb} does not take --${strange}.`)
  const [named, extra] = given
  if (named === undefined || extra !== undefined)
    throw new CliFailure(exitCodes.usage, `image ${verb} takes one file: moonkeeper image ${verb} FILE`)
  try {
    io.out(await known.run(absolute(named, io), options, io))
  } catch (thrown) {
    if (thrown instanceof CliFailure) throw thrown
    throw new CliFailure(exitCodes.failed, asMoonkeeperError(thrown).message, thrown)
  }
  return exitCodes.done
}

export const image: Command = {
  usage: 'image VERB ... [options]',
  summary: 'make, sign and verify an update image for machines without Internet',
  details: [
    'build NAME... -o FILE  makes an image of what is installed of these, with a machine that runs Moonkeeper',
    'sign FILE -s FILE      signs one',
    'verify FILE [-k KEY]   tells what is in one, and whether it is whole and signed',
    '--version V            of build: what people call the image; the date when left out',
    '-s FILE                the secret key, of `minisign -G`; build takes it too',
    '--password-file FILE   holds the password of a key that has one',
    '-k KEY                 of verify: the public key, or the .pub file, whose signature it must have',
    '',
    '`moonkeeper upgrade --image FILE --url http://PRINTER` sends and installs it.',
  ],
  options: ['output', 'version', 'secret-key', 'password-file', 'public-key', ...placeOptions],
  arguments: { least: 1, most: Infinity },
  run: async ({ arguments: [verb = '', ...given], options }: Input, io) => {
    if (verb !== 'build') return onFile(verb, given, options, io)
    if (options['public-key'] !== undefined)
      throw new CliFailure(exitCodes.usage, 'image build does not take --public-key.')
    return build(given, options, io)
  },
}
