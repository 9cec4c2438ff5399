import type { Webcam as WireWebcam } from '../../contract/generated/types.js'
import type { Webcam } from '../../webcams/webcam.js'

/** As it is told: what front ends keep with it may be any JSON. */
export const wireWebcam = (webcam: Webcam): WireWebcam => webcam as WireWebcam
