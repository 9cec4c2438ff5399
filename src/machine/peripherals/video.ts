import path from 'node:path'
import type { MachinePeripheralsVideoResult } from '../../contract/generated/types.js'
import type { Commands } from '../../system/commands.js'
import type { Files } from '../../system/files.js'
import { deviceFolder, linksByDevice, usbLocation } from './device-links.js'
import { probe } from './python-probe.js'
import type { DeviceRoots } from './serial.js'

type V4l2Device = MachinePeripheralsVideoResult['v4l2_devices'][number]
type Told = Omit<V4l2Device, 'path_by_hardware' | 'path_by_id' | 'alt_name' | 'usb_location'>

/**
 * linux/videodev2.h: VIDIOC_QUERYCAP, VIDIOC_ENUM_FMT and VIDIOC_ENUM_FRAMESIZES with their structures, the flags of
 * v4l2_capability and v4l2_fmtdesc by their names. Cameras behind libcamera, where its Python module is installed.
 */
const program = `
import fcntl, json, os, struct, sys
CAPS = {0: "VIDEO_CAPTURE", 1: "VIDEO_OUTPUT", 2: "VIDEO_OVERLAY", 4: "VBI_CAPTURE", 5: "VBI_OUTPUT",
        6: "SLICED_VBI_CAPTURE", 7: "SLICED_VBI_OUTPUT", 8: "RDS_CAPTURE", 9: "VIDEO_OUTPUT_OVERLAY",
        10: "HW_FREQ_SEEK", 11: "RDS_OUTPUT", 12: "VIDEO_CAPTURE_MPLANE", 13: "VIDEO_OUTPUT_MPLANE",
        14: "VIDEO_M2M_MPLANE", 15: "VIDEO_M2M", 16: "TUNER", 17: "AUDIO", 18: "RADIO", 19: "MODULATOR",
        20: "SDR_CAPTURE", 21: "EXT_PIX_FORMAT", 22: "SDR_OUTPUT", 23: "META_CAPTURE", 24: "READWRITE",
        26: "STREAMING", 27: "META_OUTPUT", 28: "TOUCH", 29: "IO_MC", 31: "SET_DEVICE_CAPS"}
FORMATS = {0: "COMPRESSED", 1: "EMULATED"}

def names(table, bits):
    return [name for bit, name in table.items() if bits >> bit & 1]

def text(raw):
    return raw.split(b"\\0")[0].decode("utf8", "replace")

def several(fd, request, size, head):
    for index in range(128):
        raw = bytearray(size)
        struct.pack_into("=%dI" % (len(head) + 1), raw, 0, index, *head)
        try:
            fcntl.ioctl(fd, request, raw)
        except OSError:
            return
        yield raw

def sizes(fd, form):
    for raw in several(fd, 0xC02C564A, 44, [form]):
        kind, width, height = struct.unpack_from("=3I", raw, 8)
        if kind != 1:
            return
        yield "%dx%d" % (width, height)

def modes(fd):
    for raw in several(fd, 0xC0405602, 64, [1]):
        flags, description, form = struct.unpack_from("=I32sI", raw, 8)
        found = list(sizes(fd, form))
        if found:
            name = struct.pack("=I", form).decode("ascii", "ignore")
            yield {"format": name, "description": text(description), "flags": names(FORMATS, flags), "resolutions": found}

def look(path):
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        raw = bytearray(104)
        fcntl.ioctl(fd, 0x80685600, raw)
        driver, card, bus, version, _, caps = struct.unpack_from("=16s32s32s3I", raw)
        if not caps & 1:
            return None
        return {"device_name": os.path.basename(path), "device_path": path, "camera_name": text(card),
                "driver_name": text(driver), "hardware_bus": text(bus), "capabilities": names(CAPS, caps),
                "version": "%d.%d.%d" % (version >> 16 & 255, version >> 8 & 255, version & 255), "modes": list(modes(fd))}
    finally:
        os.close(fd)

def libcamera_devices():
    import libcamera
    for camera in libcamera.CameraManager.singleton().cameras:
        raw = camera.generate_configuration([libcamera.StreamRole.Raw])
        forms = [(form, one.formats) for one in raw for form in one.formats.pixel_formats]
        yield {"libcamera_id": camera.id, "model": {key.name: value for key, value in camera.properties.items()}.get("Model"),
               "modes": [{"format": str(form), "resolutions": [str(size) for size in found.sizes(form)]} for form, found in forms]}

found, cameras = [], []
for path in sys.argv[1:]:
    try:
        found.append(look(path))
    except OSError:
        pass
try:
    cameras = list(libcamera_devices())
except Exception:
    pass
print(json.dumps({"found": {"v4l2": [one for one in found if one], "libcamera": cameras}}))
`

const indexOf = (name: string): number => Number(/^video(\d+)$/.exec(name)?.[1] ?? -1)

/** Cameras. Where the kernel knows none no program is started. */
export const findVideoDevices = async (
  roots: DeviceRoots,
  files: Pick<Files, 'readText' | 'list'>,
  commands: Commands,
): Promise<MachinePeripheralsVideoResult> => {
  const folder = path.join(roots.sys, 'class/video4linux')
  const names = (await files.list(folder).catch(() => [])).map(({ name }) => name)
  if (names.length === 0) return { v4l2_devices: [], libcamera_devices: [] }
  names.sort((a, b) => indexOf(a) - indexOf(b) || (a < b ? -1 : 1))
  const devices = names.map((name) => path.join(roots.dev, name))
  const { v4l2, libcamera } = (await probe(commands, program, devices)) as {
    readonly v4l2: readonly Told[]
    readonly libcamera: MachinePeripheralsVideoResult['libcamera_devices']
  }
  const byPath = await linksByDevice(path.join(roots.dev, 'v4l/by-path'), files)
  const byId = await linksByDevice(path.join(roots.dev, 'v4l/by-id'), files)
  const whole = async (told: Told): Promise<V4l2Device> => {
    const place = path.join(folder, told.device_name)
    const device = await deviceFolder(path.join(place, 'device'))
    return {
      ...told,
      path_by_hardware: byPath.get(told.device_name) ?? null,
      path_by_id: byId.get(told.device_name) ?? null,
      alt_name: (await files.readText(path.join(place, 'name')).catch(() => null))?.trim() ?? null,
      usb_location: device === null ? null : await usbLocation(device, roots.sys, files),
    }
  }
  return { v4l2_devices: await Promise.all(v4l2.map(whole)), libcamera_devices: [...libcamera] }
}
