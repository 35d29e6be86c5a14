// Which image keeps the sandbox of every pod of the stack?
import { buildFullName, buildImageName } from '../images/built-image.ts';

/** Its name as containerd keeps it. */
export const sandboxImage = buildFullName(buildImageName('pause'));
