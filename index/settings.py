"""Settings from the environment (prefix POLICYQA_) or a .env file."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent
_ACCOUNT = re.compile(r"[^\s:$]{1,64}:\$argon2id\$\S{40,300}")


class Settings(BaseSettings):
    """Run-time configuration; every field can be set as POLICYQA_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="POLICYQA_", env_file=".env", extra="ignore", frozen=True)

    data_dir: Path = Field(default=PROJECT_ROOT / "var", description="索引、反馈和运行记录所在的文件夹")
    model_cache: Path | None = Field(default=None, description="模型缓存文件夹,默认在数据文件夹的 models/ 下")
    host: str = Field(default="127.0.0.1", description="网页服务监听的地址")
    port: int = Field(default=7860, ge=0, le=65535, description="网页服务端口,0 表示自动选择")
    embedding_model: str = Field(
        default="bundled", description="嵌入模型:bundled 为随附模型,或 sentence-transformers 模型名、文件夹"
    )
    adapter: str = Field(default="", description="随附模型的适配器:空为随附的一个,none 为不用,或适配器文件")
    embedding_engine: str = Field(default="auto", description="推理引擎:auto、openvino 或 torch")
    reranker: str = Field(
        default="", description="重排模型:空为随附的一个(条款多时才用),none 为不用,或交叉编码器的名称、文件夹"
    )
    answering: str = Field(default="", description="读问题和条款、判断是否回答了所问的模型:空为随附的一个,none 为不用")
    known: str = Field(
        default="", description="已知问法:空为随附的,none 为不用,或 python -m training known 生成的文件(与随附的一起用)"
    )
    store: str = Field(default="faiss", description="向量库:faiss")
    chat_model: str = Field(
        default="", description="语言模型,空为不用:openai:模型名、transformers:文件夹,或其他 init_chat_model 名称"
    )
    chat_base_url: str = Field(default="", description="语言模型服务的地址,如 http://127.0.0.1:8000/v1")
    chat_api_key: SecretStr = Field(default=SecretStr(""), description="语言模型服务的密钥,不会显示或写入日志")
    chat_timeout: float = Field(default=60, gt=0, le=3600, description="一次回答最多用多少秒")
    chat_first_token_timeout: float = Field(default=15, gt=0, le=3600, description="等第一个字、字与字之间最多多少秒")
    chat_retries: int = Field(default=2, ge=0, le=10, description="限流、服务出错、连不上时重试几次")
    chat_extra_body: str = Field(default="", description="随请求发送的其他参数,JSON 对象,只用于 openai: 的模型")
    chat_temperature: float = Field(default=0, ge=0, le=2, description="采样温度,0 最稳定")

    staff: SecretStr = Field(default=SecretStr(""), description="工作台的账号:名称:口令散列,几个之间用空格分开")
    staff_session_minutes: int = Field(default=480, ge=1, le=10080, description="工作台多少分钟没有操作后要重新登录")

    @field_validator("staff")
    @classmethod
    def _accounts(cls, value: SecretStr) -> SecretStr:
        if not all(_ACCOUNT.fullmatch(account) for account in value.get_secret_value().split()):
            raise ValueError("POLICYQA_STAFF 的每个账号要写成 名称:口令散列,请用 python -m web password 生成")
        return value

    @field_validator("embedding_engine")
    @classmethod
    def _known_engine(cls, value: str) -> str:
        if value not in ("auto", "openvino", "torch"):
            raise ValueError(f"POLICYQA_EMBEDDING_ENGINE 只能是 auto、openvino 或 torch,现在是 {value!r}")
        return value

    @field_validator("chat_base_url")
    @classmethod
    def _http_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("POLICYQA_CHAT_BASE_URL 要以 http:// 或 https:// 开头,如 http://127.0.0.1:8000/v1")
        return value

    @field_validator("chat_extra_body")
    @classmethod
    def _json_object(cls, value: str) -> str:
        try:
            valid = not value.strip() or isinstance(json.loads(value), dict)
        except json.JSONDecodeError:
            valid = False
        if not valid:
            raise ValueError('POLICYQA_CHAT_EXTRA_BODY 要是 JSON 对象,如 {"reasoning_effort": "none"}')
        return value.strip()

    @property
    def index_dir(self) -> Path:
        """Folder of index generations."""
        return self.data_dir / "index"

    @property
    def uploads_dir(self) -> Path:
        """Folder of the policy files that staff have uploaded."""
        return self.data_dir / "uploads"

    @property
    def models_dir(self) -> Path:
        """Folder of unpacked models and compiled graphs; may be shared between data folders."""
        return self.model_cache or self.data_dir / "models"


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The process-wide settings, read once."""
    return Settings()
