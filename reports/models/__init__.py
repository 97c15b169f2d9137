"""Files frozen at steps of the flow (artifacts), copies to publish, work on many."""

from reports.models.artifacts import Artifact as Artifact
from reports.models.artifacts import ArtifactKind as ArtifactKind
from reports.models.artifacts import SealedScan as SealedScan
from reports.models.batches import OPEN_STATES as OPEN_STATES
from reports.models.batches import Batch as Batch
from reports.models.batches import BatchItem as BatchItem
from reports.models.batches import BatchState as BatchState
from reports.models.batches import ItemState as ItemState
from reports.models.batches import WorkerBeat as WorkerBeat
from reports.models.findings import FindingAnswers as FindingAnswers
from reports.models.findings import SentCheck as SentCheck
from reports.models.publications import OUT as OUT
from reports.models.publications import WORKED_ON as WORKED_ON
from reports.models.publications import Choice as Choice
from reports.models.publications import Publication as Publication
from reports.models.publications import PublicationState as PublicationState
from reports.models.publications import Redaction as Redaction
