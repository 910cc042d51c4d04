"""Files in which a platform is told what to run: Fly.io, Render, Railway, Heroku, Vercel, App Engine, ECS."""

from rollsafe.artefacts.platforms.app_engine import AppEngineService
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
