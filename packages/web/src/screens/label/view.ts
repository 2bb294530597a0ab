/** Where a picture lies on the stage: arithmetic of zooming and panning. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Stage pixels per picture pixel, and where the picture's top left corner is on the stage. */
export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/** Margin around a picture that fits the stage, in pixels. */
const MARGIN = 12;
const MOST = 40;

/** The whole picture in the middle of the stage. */
export function fitted(picture: Size, stage: Size): View {
  const scale = Math.max(
    0.001,
    Math.min((stage.width - 2 * MARGIN) / picture.width, (stage.height - 2 * MARGIN) / picture.height),
  );
  return {
    scale,
    x: (stage.width - picture.width * scale) / 2,
    y: (stage.height - picture.height * scale) / 2,
  };
}

/** Zooms around a point of the stage, which stays where it is. */
export function zoomed(view: View, factor: number, at: Point, least: number): View {
  const scale = Math.min(MOST, Math.max(least, view.scale * factor));
  const real = scale / view.scale;
  return { scale, x: at.x - (at.x - view.x) * real, y: at.y - (at.y - view.y) * real };
}

export const panned = (view: View, dx: number, dy: number): View => ({
  ...view,
  x: view.x + dx,
  y: view.y + dy,
});

/** From the stage to the picture. */
export const toPicture = ({ scale, x, y }: View, at: Point): Point => ({
  x: (at.x - x) / scale,
  y: (at.y - y) / scale,
});
