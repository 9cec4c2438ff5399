import { MoonkeeperError } from '../contract/error.js'
import { isJsonObject, type Json, type JsonObject } from '../contract/json.js'

/** A camera, as it is told. */
export interface Webcam {
  readonly name: string
  readonly enabled: boolean
  readonly icon: string
  readonly aspect_ratio: string
  readonly target_fps: number
  readonly target_fps_idle: number
  readonly location: string
  readonly service: string
  readonly stream_url: string
  readonly snapshot_url: string
  readonly flip_horizontal: boolean
  readonly flip_vertical: boolean
  readonly rotation: number
  readonly source: 'config' | 'database'
  /** What front ends keep with it. */
  readonly extra_data: Json
  readonly uid: string
}

/** What of a camera is changed. */
export type WebcamChange = { readonly [K in Exclude<keyof Webcam, 'uid' | 'source'>]?: Webcam[K] | undefined }

export const defaults: Omit<Webcam, 'name' | 'stream_url' | 'uid' | 'source'> = {
  enabled: true,
  icon: 'mdiWebcam',
  aspect_ratio: '4:3',
  target_fps: 15,
  target_fps_idle: 5,
  location: 'printer',
  service: 'mjpegstreamer',
  snapshot_url: '',
  flip_horizontal: false,
  flip_vertical: false,
  rotation: 0,
  extra_data: {},
}

/** @throws bad_argument */
export const checked = (webcam: Webcam): Webcam => {
  if (![0, 90, 180, 270].includes(webcam.rotation))
    throw new MoonkeeperError('bad_argument', `Invalid value for 'rotation': ${webcam.rotation}`)
  if (!/^\d+:\d+$/.test(webcam.aspect_ratio))
    throw new MoonkeeperError('bad_argument', `Invalid value for 'aspect_ratio': ${webcam.aspect_ratio}`)
  return webcam
}

/** compat: the names that Moonraker's database has for the fields. */
const stored = {
  name: 'name',
  service: 'service',
  target_fps: 'targetFps',
  stream_url: 'urlStream',
  snapshot_url: 'urlSnapshot',
  flip_horizontal: 'flipX',
  flip_vertical: 'flipY',
  enabled: 'enabled',
  target_fps_idle: 'targetFpsIdle',
  aspect_ratio: 'aspectRatio',
  icon: 'icon',
  location: 'location',
  rotation: 'rotation',
  extra_data: 'extra_data',
} as const

export const toRecord = (webcam: Webcam): JsonObject =>
  Object.fromEntries(
    Object.entries(stored).map(([field, name]) => [name, webcam[field as keyof typeof stored]]),
  )

const texts = (value: Json | undefined, fallback: string): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : fallback

const wholes = (value: Json | undefined, fallback: number): number => {
  const number = Math.trunc(Number(value ?? fallback))
  return Number.isFinite(number) ? number : fallback
}

const flags = (value: Json | undefined, fallback: boolean): boolean =>
  value === undefined ? fallback : Boolean(value)

/** A record of the database, whoever wrote it. @returns null when it is no camera */
export const fromRecord = (uid: string, record: Json): Webcam | null => {
  if (!isJsonObject(record) || record.name === undefined) return null
  const webcam: Webcam = {
    name: texts(record.name, ''),
    enabled: flags(record.enabled, defaults.enabled),
    icon: texts(record.icon, defaults.icon),
    aspect_ratio: texts(record.aspectRatio, defaults.aspect_ratio),
    target_fps: wholes(record.targetFps, defaults.target_fps),
    target_fps_idle: wholes(record.targetFpsIdle, defaults.target_fps_idle),
    location: texts(record.location, defaults.location),
    service: texts(record.service, defaults.service),
    stream_url: texts(record.urlStream, ''),
    snapshot_url: texts(record.urlSnapshot, ''),
    flip_horizontal: flags(record.flipX, false),
    flip_vertical: flags(record.flipY, false),
    rotation: wholes(record.rotation ?? record.rotate, 0),
    source: 'database',
    extra_data: record.extra_data ?? {},
    uid,
  }
  try {
    return checked(webcam)
  } catch {
    return null
  }
}
