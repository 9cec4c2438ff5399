import { MoonkeeperError } from '../../contract/error.js'
import type { MachinePeripheralsCanbusResult } from '../../contract/generated/types.js'
import type { Commands } from '../../system/commands.js'
import { probe } from './python-probe.js'

/**
 * Klipper's CANBUS_protocol.md: to the admin id 0x3f0 the command 0x00 asks who has no node id yet; each answers on 0x3f1
 * with 0x20, its six bytes, and the command by which its program takes an id: 0x01 Klipper, 0x11 Katapult.
 */
const program = `
import json, select, socket, struct, sys, time
found = []
try:
    bus = socket.socket(socket.AF_CAN, socket.SOCK_RAW, socket.CAN_RAW)
    try:
        bus.bind((sys.argv[1],))
    except OSError:
        raise OSError("Unable to bind socket to interface '%s'" % sys.argv[1]) from None
    frame = struct.Struct("<IB3x8s")
    bus.send(frame.pack(0x3F0, 1, b"\\0"))
    end = time.monotonic() + 2
    while (left := end - time.monotonic()) > 0:
        if not select.select([bus], [], [], left)[0]:
            continue
        sender, length, data = frame.unpack(bus.recv(frame.size))
        data = data[:length]
        if sender & socket.CAN_EFF_MASK != 0x3F1 or length < 7 or data[0] != 0x20:
            continue
        name = {1: "Klipper", 17: "Katapult"}.get(data[7]) if length > 7 else None
        found.append({"uuid": data[1:7].hex(), "application": name or "Unknown"})
    print(json.dumps({"found": found}))
except OSError as failure:
    print(json.dumps({"error": str(failure)}))
`

/** As the kernel allows it (IFNAMSIZ). */
const isInterfaceName = (name: string): boolean => /^[A-Za-z0-9_][\w.-]{0,14}$/.test(name)

/**
 * Boards on a CAN bus that no Klipper has taken yet. Takes two seconds.
 * @throws device_failed
 */
export const queryCanBus = async (
  interfaceName: string,
  commands: Commands,
): Promise<MachinePeripheralsCanbusResult['can_uuids']> => {
  if (!isInterfaceName(interfaceName))
    throw new MoonkeeperError('device_failed', `Unable to bind socket to interface '${interfaceName}'`)
  const found = await probe(commands, program, [interfaceName])
  return found as MachinePeripheralsCanbusResult['can_uuids']
}
