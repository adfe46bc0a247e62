import { zsh } from 'shellwright';
import { dialectContract } from './contract.ts';

dialectContract('zsh', () => zsh());
