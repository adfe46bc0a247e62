import { sh } from 'shellwright';
import { dialectContract } from './contract.ts';

dialectContract('sh on busybox', () => sh({ path: 'busybox', args: ['sh'] }));
