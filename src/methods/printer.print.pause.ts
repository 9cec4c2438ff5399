import { order } from './klipper/pass-through.js'

export const method = order('printer.print.pause', 'pause_resume/pause')
