/** What the figures of the summary are. */
export const NOTES = [
  'Mean ± sample standard deviation over the runs of a freeze.',
  'mAP is that of the best epoch on the validation images.',
  'Time is that of a whole run: start-up, training, validation, saving.',
  'Images/s are those of training, waiting for data included.',
  'Memory is the most resident memory of the run’s own process, CPU its mean share of all cores.',
];
