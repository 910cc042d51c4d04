"""Groups of jobs: stages of Azure, templates of Argo."""

from rollsafe.artefacts.other_pipelines.model import OtherJob, When


def hand_down(jobs: list[OtherJob]) -> None:
    """Let the jobs inside of a group that runs only after a failure run only then."""
    first, *inner = jobs
    for job in inner:
        if first.when is When.FAILURE and job.when is When.SUCCESS:
            job.when, job.condition = first.when, first.condition
