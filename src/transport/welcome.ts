const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

/** The page at /: there is nothing to operate here, so it says what does. */
export const welcomePage = (version: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Moonkeeper ${escaped(version)}</title>
</head>
<body>
<h1>Moonkeeper ${escaped(version)}</h1>
<p>Keeps the software of this machine up to date. It speaks Moonraker's API and has no pages of its own:
point a front end such as Mainsail, Fluidd or KlipperScreen to this address.</p>
<p><a href="/rpc/discover">What it answers to</a> &middot; <a href="/server/info">How it is</a> &middot;
<a href="/machine/update/status">What it looks after</a></p>
</body>
</html>
`
