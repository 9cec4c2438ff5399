import { order } from './klipper/pass-through.js'

export const method = order('printer.print.resume', 'pause_resume/resume')
