import { passThrough } from './klipper/pass-through.js'

export const method = passThrough('printer.emergency_stop')
