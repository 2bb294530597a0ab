/** Builds YOLOv5n, freezes ten layers and evaluates a graph, with the modules that the caller loaded. */
exports.usePackages = ({ core, modelYaml, freeze }) => {
  const model = modelYaml.buildModel(modelYaml.parseModelYaml(modelYaml.architectureYaml('yolov5n')));
  const policy = freeze.resolveFreeze(freeze.parseFreeze(['10']), model.parameters);
  return {
    parameters: model.parameters.length,
    frozen: policy.frozen.size,
    ops: Object.keys(core.OPS).length,
  };
};
