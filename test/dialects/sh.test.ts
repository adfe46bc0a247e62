import { sh } from 'shellwright';
import { dialectContract } from './contract.ts';

dialectContract('sh', () => sh());
