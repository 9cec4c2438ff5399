// Generated from schemas/ by build/generate.mjs. Do not edit.

import type { MethodTable, OptionTable } from '../tables.js'

export const methodTable: MethodTable = {
  "machine.update.client": {
    "http": {
      "verb": "POST",
      "path": "/machine/update/client"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "name",
        "type": "string",
        "required": false
      }
    ]
  },
  "machine.update.full": {
    "http": {
      "verb": "POST",
      "path": "/machine/update/full"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "machine.update.klipper": {
    "http": {
      "verb": "POST",
      "path": "/machine/update/klipper"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "machine.update.moonraker": {
    "http": {
      "verb": "POST",
      "path": "/machine/update/moonraker"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "machine.update.recover": {
    "http": {
      "verb": "POST",
      "path": "/machine/update/recover"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "name",
        "type": "string",
        "required": true
      },
      {
        "name": "hard",
        "type": "boolean",
        "required": false,
        "default": false
      },
      {
        "name": "update_deps",
        "type": "boolean",
        "required": false,
        "default": false
      }
    ]
  },
  "machine.update.refresh": {
    "http": {
      "verb": "POST",
      "path": "/machine/update/refresh"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "name",
        "type": "string",
        "required": false
      }
    ]
  },
  "machine.update.rollback": {
    "http": {
      "verb": "POST",
      "path": "/machine/update/rollback"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "name",
        "type": "string",
        "required": true
      }
    ]
  },
  "machine.update.status": {
    "http": {
      "verb": "GET",
      "path": "/machine/update/status"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "refresh",
        "type": "boolean",
        "required": false,
        "default": false
      }
    ]
  },
  "machine.update.system": {
    "http": {
      "verb": "POST",
      "path": "/machine/update/system"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "machine.update.upgrade": {
    "http": {
      "verb": "POST",
      "path": "/machine/update/upgrade"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "name",
        "type": "string",
        "required": false
      }
    ]
  },
  "rpc.discover": {
    "http": {
      "verb": "GET",
      "path": "/rpc/discover"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "server.config": {
    "http": {
      "verb": "GET",
      "path": "/server/config"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "server.connection.identify": {
    "http": null,
    "transports": [
      "websocket",
      "unix"
    ],
    "params": [
      {
        "name": "client_name",
        "type": "string",
        "required": true
      },
      {
        "name": "version",
        "type": "string",
        "required": true
      },
      {
        "name": "type",
        "type": "string",
        "required": true
      },
      {
        "name": "url",
        "type": "string",
        "required": true
      },
      {
        "name": "access_token",
        "type": "string",
        "required": false
      },
      {
        "name": "api_key",
        "type": "string",
        "required": false
      }
    ]
  },
  "server.info": {
    "http": {
      "verb": "GET",
      "path": "/server/info"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "raw",
        "type": "boolean",
        "required": false,
        "default": false
      }
    ]
  },
  "server.restart": {
    "http": {
      "verb": "POST",
      "path": "/server/restart"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "server.websocket.id": {
    "http": null,
    "transports": [
      "websocket",
      "unix"
    ],
    "params": []
  }
}

export const optionTable: OptionTable = {}
