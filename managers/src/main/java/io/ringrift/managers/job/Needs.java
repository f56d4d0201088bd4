package io.ringrift.managers.job;

import io.ringrift.job.v1.Job;
import io.ringrift.job.v1.JobSpec;
import io.ringrift.placement.v1.Need;
import java.util.List;
import java.util.Optional;

/// What a job needs of a node. The one place that turns a spec into a need, for dispatch and for
/// explanations.
record Needs(List<WorkloadTemplate> templates) {
  Need of(Job job) {
    JobSpec spec = job.getSpec();
    Optional<WorkloadTemplate> template =
        templates.stream().filter(t -> t.name().equals(spec.getWorkload())).findFirst();
    String type =
        spec.getJobType().isEmpty()
            ? template.map(WorkloadTemplate::jobType).orElse("")
            : spec.getJobType();
    boolean cpuPlays =
        template.filter(t -> t.cpuModes().contains(spec.getEngineMode())).isPresent();
    return Need.newBuilder()
        .setJobType(type)
        .setWorkload(spec.getWorkload())
        .setEngineMode(cpuPlays ? "" : spec.getEngineMode())
        .setGpus(Math.max(spec.getGpus(), template.map(WorkloadTemplate::gpus).orElse(0)))
        .setCpus(spec.getCpus())
        .setMemoryBytes(spec.getMemoryBytes())
        .setTargetNodeId(spec.getTargetNodeId())
        .addAllExcludedNodeIds(spec.getExcludedNodeIdsList())
        .addAllExcludedNodeIds(job.getRefusedNodeIdsList())
        .build();
  }
}
