/** Results of the trainings: progress over the rounds, detections in pictures, figures by class. */
import { Chart } from '../../parts/chart.js';
import { ClassTable } from '../../parts/class-table.js';
import { Confusion } from '../../parts/confusion.js';
import { project, runs } from '../../state/project.js';
import { lastRun, validation } from '../../state/training.js';
import { texts } from '../../texts/index.js';
import { Gallery } from './gallery.js';
import { PrecisionCurves } from './precision-curves.js';

export function Result() {
  const { result: words } = texts.value;
  const classes = validation.value?.classes ?? lastRun.value?.classes;
  return (
    <>
      <Rounds />
      <Gallery />
      {classes && classes.length > 0 && (
        <section class="card">
          <h2>{words.byClass}</h2>
          <ClassTable classes={classes} />
          {validation.value && project.value && (
            <>
              <PrecisionCurves classes={project.value.classes} curves={validation.value.curves} />
              <Confusion
                names={project.value.classes.map(({ name }) => name)}
                confusion={validation.value.confusion}
              />
            </>
          )}
        </section>
      )}
    </>
  );
}

/** mAP of each training over the boxes that it had. */
function Rounds() {
  const { result: words } = texts.value;
  const rounds = runs.value.flatMap(({ pictures: { train }, points }) => {
    const best = Math.max(...points.map(({ mAP50 }) => mAP50 ?? -1));
    return best < 0 ? [] : [{ train, best }];
  });
  if (rounds.length < 2) return null;
  return (
    <section class="card">
      <h2>{words.rounds}</h2>
      <Chart
        title={words.roundsTitle(rounds.map(({ train }) => train))}
        xLabel={words.round}
        x={rounds.map((_, i) => i + 1)}
        lines={[{ label: 'mAP50', color: '--series-1', values: rounds.map(({ best }) => best) }]}
      />
    </section>
  );
}
