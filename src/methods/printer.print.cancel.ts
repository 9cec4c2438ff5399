import { order } from './klipper/pass-through.js'

export const method = order('printer.print.cancel', 'pause_resume/cancel')
