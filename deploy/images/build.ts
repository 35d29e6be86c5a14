// Which images does this checkout make?
import { ensureParts } from '../stack/build-cache.ts';
import type { Progress } from '../stack/progress.ts';
import type { BuiltImage } from './built-image.ts';
import {
  ensureControllerImage,
  ensureCsiNodeImage,
  ensureMountPodImage,
  ensureTemporalImage,
  ensureWebhookImage,
} from './product-images.ts';
import { ensureBusyboxImage, ensurePauseImage } from './test-images.ts';

/**
 * Makes the images that the stack runs; those whose inputs did not change come from the cache.
 *
 * @throws Error with the last lines of the compiler or bundler that failed
 */
export async function ensureImages(progress: Progress): Promise<BuiltImage[]> {
  const images = [
    await ensurePauseImage(),
    await ensureBusyboxImage(),
    ...(await ensurePublishedImages(progress)),
  ];
  progress(`${images.length} images are there`);
  return images;
}

/**
 * Makes the images that the chart names: those of the product, and Temporal's development server.
 *
 * @throws Error with the last lines of the compiler or bundler that failed
 */
export async function ensurePublishedImages(progress: Progress): Promise<BuiltImage[]> {
  const { 'rclone-s3': rclone = '', temporal = '' } = await ensureParts(progress);
  return [
    await ensureMountPodImage(rclone),
    await ensureCsiNodeImage(),
    await ensureWebhookImage(),
    await ensureControllerImage(),
    await ensureTemporalImage(temporal),
  ];
}
