/**
 * Comes before whatever checks values: zod compiles its checks with `new Function` unless told not to, and tries whether it may.
 * The page's content security policy forbids it, and browsers report the attempt as an error.
 */
import { z } from 'zod';

z.config({ jitless: true });
