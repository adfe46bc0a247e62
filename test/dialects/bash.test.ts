import { bash } from 'shellwright';
import { dialectContract } from './contract.ts';

dialectContract('bash', () => bash());
