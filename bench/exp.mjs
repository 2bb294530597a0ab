// node exp.mjs NAME DATA SEED JSON-overrides
import { trainOnFiles } from '@froyolo/run/node';
const [name, data, seed, json='{}'] = process.argv.slice(2);
const points=[]; let steps=0; let ck=0;
const t={train:0,val:0}; let firstStep; const stages=[];
const r = await trainOnFiles({ weights:'/work/shared/weights/yolov5n.pt', imgsz:320, batchSize:16, noautoanchor:true, noplots:true, data, seed:Number(seed), project:'/tmp/exp-lead', name, existOk:true, ...JSON.parse(json)}, {
 elapsed: ()=>process.uptime(),
 onBatch(){ steps++; firstStep??=process.uptime(); },
 onStage(e){ stages.push([e.epoch, process.uptime().toFixed(1)]); },
 onEpoch({validation, seconds}){ t.train+=seconds.training; t.val+=seconds.validation; if(validation) points.push([+process.uptime().toFixed(1), +validation.mAP50.toFixed(3), +validation.mAP50_95.toFixed(3)]); },
});
console.log(name, 'end', process.uptime().toFixed(1), 'steps', steps, 'first', firstStep.toFixed(1), 'train', t.train.toFixed(1), 'val', t.val.toFixed(1), 'stages', JSON.stringify(stages), 'best', Math.max(...points.map(p=>p[2])), JSON.stringify(points));
