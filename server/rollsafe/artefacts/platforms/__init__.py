"""Files in which a platform is told what to run: those of Fly.io, Cloud Run, ECS and others."""

from rollsafe.artefacts.platforms.app_engine import AppEngineService
from rollsafe.artefacts.platforms.cloud_run import CloudRunService
from rollsafe.artefacts.platforms.ecs import EcsContainer, EcsService
from rollsafe.artefacts.platforms.fly import FlyApp
from rollsafe.artefacts.platforms.heroku import HerokuApp, Procfile
from rollsafe.artefacts.platforms.railway import RailwayService
from rollsafe.artefacts.platforms.recognition import (
    PlatformFile,
    recognise,
    recognise_procfile,
    recognise_toml,
)
from rollsafe.artefacts.platforms.render import RenderService
from rollsafe.artefacts.platforms.service import PlatformService, StartCommand, Variable
from rollsafe.artefacts.platforms.vercel import VercelProject

__all__ = [
    "AppEngineService",
    "CloudRunService",
    "EcsContainer",
    "EcsService",
    "FlyApp",
    "HerokuApp",
    "PlatformFile",
    "PlatformService",
    "Procfile",
    "RailwayService",
    "RenderService",
    "StartCommand",
    "Variable",
    "VercelProject",
    "recognise",
    "recognise_procfile",
    "recognise_toml",
]
