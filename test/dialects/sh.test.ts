import { sh } from 'shellwright';
import { dialectContract } from './contract.ts';
import { ownContract } from './own.ts';

dialectContract('sh', () => sh());
dialectContract('sh on dash', () => sh({ path: 'dash' }));
ownContract('sh on busybox', () => sh({ path: 'busybox', args: ['sh'] }));
ownContract('sh on bash', () => sh({ path: 'bash', args: ['--posix'] }), { foregroundOnly: true });
