import { expect, test } from 'vitest';
import { readCoco } from './coco.js';
import { ConversionLog } from './log.js';
import { readVoc } from './voc.js';

test.each([
  [{ shapes: [{ label: 'a', points: [[1, 2]] }], imagePath: 'a.jpg' }, "LabelMe's JSON"],
  [
    [{ annotations: [{ result: [{ type: 'rectanglelabels', from_name: 'label' }] }] }],
    "Label Studio's own JSON",
  ],
  [{ 'a.jpg9': { regions: [{ shape_attributes: { name: 'rect' } }] } }, 'JSON of the VGG Image Annotator'],
  [[{ image: 'a.jpg', annotations: [{ label: 'a', coordinates: { x: 1 } }] }], "CreateML's JSON"],
  [[{ image_id: 1, category_id: 1, bbox: [1, 2, 3, 4], score: 0.5 }], 'a list of detections'],
])('JSON of another tool is named: %j', (value, name) => {
  const read = () => readCoco(JSON.stringify(value), 'a.json', new ConversionLog());
  expect(read).toThrow(`a.json: not a COCO instances file: "images" is missing; it looks like ${name}`);
});

test("CVAT's own XML is named; XML that isn't known is not", () => {
  const read = (xml: string) => () => readVoc(xml, 'a.xml', new ConversionLog());
  const none = 'a.xml: not a Pascal VOC annotation: no <annotation> element';
  const cvat = '<annotations><image id="0" name="a.jpg"><box label="a" xtl="1"/></image></annotations>';
  expect(read(cvat)).toThrow(
    `${none}; it looks like CVAT's own XML: export COCO or Pascal VOC from the tool`,
  );
  expect(read('<svg/>')).toThrow(new RegExp(`${none}$`));
});
