import { delimiter } from 'node:path';

/**
 * Tests run standard utilities (`cat`, `sleep`, `seq` …) inside their shells. A machine may start them with a PATH that
 * holds little more than node and npm, so the usual places are added behind whatever is there.
 */
const standardPlaces = ['/usr/local/bin', '/usr/bin', '/bin'];

if (process.platform !== 'win32') {
  const present = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const missing = standardPlaces.filter((place) => !present.includes(place));
  process.env['PATH'] = [...present, ...missing].join(delimiter);
}
