/** An official checkpoint: AGPL-3.0, fetched from its publisher by the user, never part of this package. */
export interface Release {
  readonly bytes: number;
  readonly sha256: string;
}

/** Where the publisher keeps them. */
export const RELEASE_URL = 'https://github.com/ultralytics/yolov5/releases/download/v7.0';

/** The detectors of YOLOv5's release v7.0. */
export const RELEASES: Readonly<Record<string, Release>> = {
  'yolov5n.pt': {
    bytes: 4062133,
    sha256: '4f180cf23ba0717ada0badd6c685026d73d48f184d00fc159c2641284b2ac0a3',
  },
  'yolov5s.pt': {
    bytes: 14808437,
    sha256: '8b3b748c1e592ddd8868022e8732fde20025197328490623cc16c6f24d0782ee',
  },
  'yolov5m.pt': {
    bytes: 42806829,
    sha256: 'beef2600e80c86c23d40a3c74c87de7dd22e9dce0b0c960ee2bf1792698f0f69',
  },
  'yolov5l.pt': {
    bytes: 93622629,
    sha256: 'c2323a42865bdc3d8e41795548d695b18593b3c99e9a1a8ee59b37fb46041af2',
  },
  'yolov5x.pt': {
    bytes: 174114333,
    sha256: '9f27a794fa0308e2606f90565164571d6f0a0ba18a3ce2e5e5d323b71c157859',
  },
};
