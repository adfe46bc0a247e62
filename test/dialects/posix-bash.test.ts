import { sh } from 'shellwright';
import { ownContract } from './own.ts';

ownContract('sh on bash', () => sh({ path: 'bash', args: ['--posix'] }), { foregroundOnly: true });
