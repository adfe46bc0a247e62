import { ksh } from 'shellwright';
import { dialectContract } from './contract.ts';

dialectContract('ksh', () => ksh());
