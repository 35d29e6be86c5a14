// Which images does this checkout make?
import { ensureParts } from '../stack/build-cache.ts';
import type { Progress } from '../stack/progress.ts';
import type { BuiltImage } from './built-image.ts';
import {
  ensureControllerImage,
  ensureCsiNodeImage,
  ensureMountPodImage,
  ensureWebhookImage,
} from './product-images.ts';
import { ensureBusyboxImage, ensurePauseImage } from './test-images.ts';

/**
 * Makes the images of all our images; those whose inputs did not change come from the cache.
 *
 * @throws Error with the last lines of the compiler or bundler that failed
 */
export async function ensureImages(progress: Progress): Promise<BuiltImage[]> {
  const { 'rclone-s3': rclone = '' } = await ensureParts(progress);
  const images = [
    await ensurePauseImage(),
    await ensureBusyboxImage(),
    await ensureMountPodImage(rclone),
    await ensureCsiNodeImage(),
    await ensureWebhookImage(),
    await ensureControllerImage(),
  ];
  progress(`${images.length} images are there`);
  return images;
}
