// The figures as lines for a terminal.

const number = (value) => {
  if (value >= 1000) return Math.round(value).toLocaleString('en')
  if (value >= 100) return value.toFixed(0)
  return value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

const range = ({ median, min, max, rounds }, unit) =>
  rounds === 1 ? `${number(median)} ${unit}` : `${number(median)} ${unit} (${number(min)} to ${number(max)})`

const besideLine = (beside, unit) => {
  const verdict = beside.aim === undefined ? '' : `, aim ${beside.aim}: ${beside.verdict}`
  const times = Number.isFinite(beside.ratio) ? `${beside.ratio.toFixed(2)} times` : ''
  return `    ${beside.name.padEnd(38)} ${range(beside, unit).padEnd(36)} ${times}${verdict}`
}

export const figureLines = (figure) => [
  `  ${figure.what.padEnd(40)} ${range(figure, figure.unit)}`,
  ...figure.beside.map((beside) => besideLine(beside, figure.unit)),
]
