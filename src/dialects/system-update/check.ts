import { MoonkeeperError } from '../../contract/error.js'
import { mistakesIn, type Fields, type Shape } from '../fields.js'

/** @throws bad_argument */
export const checkFields = (shape: Shape, fields: Fields): Fields => {
  const [mistake] = Object.values(mistakesIn(shape, fields) ?? {})
  if (mistake === undefined) return fields
  throw new MoonkeeperError('bad_argument', mistake.join(' '))
}
