// Generated from schemas/ by build/generate.mjs. Do not edit.

import type { FieldTable, MethodTable, OptionTable } from '../tables.js'

export const methodTable: MethodTable = {
  "access.delete_user": {
    "scope": "admin",
    "http": {
      "verb": "DELETE",
      "path": "/access/user"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "username",
        "type": "string",
        "required": true
      }
    ]
  },
  "access.get_api_key": {
    "scope": "admin",
    "http": {
      "verb": "GET",
      "path": "/access/api_key"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "access.get_user": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/access/user"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "access.info": {
    "scope": "open",
    "http": {
      "verb": "GET",
      "path": "/access/info"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "access.login": {
    "scope": "open",
    "http": {
      "verb": "POST",
      "path": "/access/login"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "username",
        "type": "string",
        "required": true
      },
      {
        "name": "password",
        "type": "string",
        "required": true,
        "secret": true
      },
      {
        "name": "source",
        "type": "string",
        "required": false
      }
    ]
  },
  "access.logout": {
    "scope": "read",
    "http": {
      "verb": "POST",
      "path": "/access/logout"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "access.oneshot_token": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/access/oneshot_token"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "access.post_api_key": {
    "scope": "admin",
    "http": {
      "verb": "POST",
      "path": "/access/api_key"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "access.post_user": {
    "scope": "admin",
    "http": {
      "verb": "POST",
      "path": "/access/user"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "username",
        "type": "string",
        "required": true
      },
      {
        "name": "password",
        "type": "string",
        "required": true,
        "secret": true
      },
      {
        "name": "source",
        "type": "string",
        "required": false
      }
    ]
  },
  "access.refresh_jwt": {
    "scope": "open",
    "http": {
      "verb": "POST",
      "path": "/access/refresh_jwt"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "refresh_token",
        "type": "string",
        "required": true,
        "secret": true
      }
    ]
  },
  "access.user.password": {
    "scope": "read",
    "http": {
      "verb": "POST",
      "path": "/access/user/password"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "password",
        "type": "string",
        "required": true,
        "secret": true
      },
      {
        "name": "new_password",
        "type": "string",
        "required": true,
        "secret": true
      }
    ]
  },
  "access.users.list": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/access/users/list"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "connection.register_remote_method": {
    "scope": "update",
    "http": null,
    "transports": [
      "websocket",
      "unix"
    ],
    "params": [
      {
        "name": "method_name",
        "type": "string",
        "required": true
      }
    ]
  },
  "connection.send_event": {
    "scope": "update",
    "http": null,
    "transports": [
      "websocket",
      "unix"
    ],
    "params": [
      {
        "name": "event",
        "type": "string",
        "required": true
      },
      {
        "name": "data",
        "type": [
          "string",
          "number",
          "boolean",
          "object",
          "array",
          "null"
        ],
        "required": false,
        "default": null
      }
    ]
  },
  "machine.peripherals.canbus": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/machine/peripherals/canbus"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "interface",
        "type": "string",
        "required": false,
        "default": "can0"
      }
    ]
  },
  "machine.peripherals.serial": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/machine/peripherals/serial"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "machine.peripherals.usb": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/machine/peripherals/usb"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "machine.peripherals.video": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/machine/peripherals/video"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "machine.proc_stats": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/machine/proc_stats"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "machine.reboot": {
    "scope": "admin",
    "http": {
      "verb": "POST",
      "path": "/machine/reboot"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "machine.services.restart": {
    "scope": "admin",
    "http": {
      "verb": "POST",
      "path": "/machine/services/restart"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "service",
        "type": "string",
        "required": true
      }
    ]
  },
  "machine.services.start": {
    "scope": "admin",
    "http": {
      "verb": "POST",
      "path": "/machine/services/start"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "service",
        "type": "string",
        "required": true
      }
    ]
  },
  "machine.services.stop": {
    "scope": "admin",
    "http": {
      "verb": "POST",
      "path": "/machine/services/stop"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "service",
        "type": "string",
        "required": true
      }
    ]
  },
  "machine.shutdown": {
    "scope": "admin",
    "http": {
      "verb": "POST",
      "path": "/machine/shutdown"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "machine.sudo.info": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/machine/sudo/info"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "check_access",
        "type": "boolean",
        "required": false,
        "default": false
      }
    ]
  },
  "machine.sudo.password": {
    "scope": "admin",
    "http": {
      "verb": "POST",
      "path": "/machine/sudo/password"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "password",
        "type": "string",
        "required": true,
        "secret": true
      }
    ]
  },
  "machine.system_info": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/machine/system_info"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "machine.update.client": {
    "scope": "update",
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
  "machine.update.doctor": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/machine/update/doctor"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "fix",
        "type": "boolean",
        "required": false,
        "default": false,
        "scope": "update"
      }
    ]
  },
  "machine.update.full": {
    "scope": "update",
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
  "machine.update.history": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/machine/update/history"
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
      },
      {
        "name": "limit",
        "type": "integer",
        "required": false,
        "default": 20
      },
      {
        "name": "offset",
        "type": "integer",
        "required": false,
        "default": 0
      }
    ]
  },
  "machine.update.images.build": {
    "scope": "update",
    "http": {
      "verb": "POST",
      "path": "/machine/update/images/build"
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
      },
      {
        "name": "names",
        "type": "array",
        "required": false
      },
      {
        "name": "version",
        "type": "string",
        "required": false
      }
    ]
  },
  "machine.update.images.delete": {
    "scope": "update",
    "http": {
      "verb": "DELETE",
      "path": "/machine/update/images/item"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "id",
        "type": "integer",
        "required": true
      }
    ]
  },
  "machine.update.images.fetch": {
    "scope": "update",
    "http": {
      "verb": "POST",
      "path": "/machine/update/images/fetch"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "url",
        "type": "string",
        "required": true
      }
    ]
  },
  "machine.update.images.get": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/machine/update/images/item"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "id",
        "type": "integer",
        "required": true
      }
    ]
  },
  "machine.update.images.list": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/machine/update/images/list"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "machine.update.jobs.cancel": {
    "scope": "update",
    "http": {
      "verb": "POST",
      "path": "/machine/update/jobs/cancel"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "id",
        "type": "string",
        "required": true
      }
    ]
  },
  "machine.update.jobs.get": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/machine/update/jobs/get"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "id",
        "type": "string",
        "required": true
      },
      {
        "name": "after_seq",
        "type": "integer",
        "required": false,
        "default": 0
      }
    ]
  },
  "machine.update.jobs.list": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/machine/update/jobs/list"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "state",
        "type": "string",
        "required": false
      },
      {
        "name": "limit",
        "type": "integer",
        "required": false,
        "default": 20
      },
      {
        "name": "offset",
        "type": "integer",
        "required": false,
        "default": 0
      },
      {
        "name": "subscribe",
        "type": "boolean",
        "required": false
      }
    ]
  },
  "machine.update.jobs.start": {
    "scope": "update",
    "http": {
      "verb": "POST",
      "path": "/machine/update/jobs/start"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "id",
        "type": "string",
        "required": true
      }
    ]
  },
  "machine.update.klipper": {
    "scope": "update",
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
    "scope": "update",
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
  "machine.update.pin": {
    "scope": "update",
    "http": {
      "verb": "POST",
      "path": "/machine/update/pin"
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
        "name": "version",
        "type": [
          "string",
          "null"
        ],
        "required": true
      }
    ]
  },
  "machine.update.plan": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/machine/update/plan"
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
      },
      {
        "name": "names",
        "type": "array",
        "required": false
      },
      {
        "name": "version",
        "type": "string",
        "required": false
      },
      {
        "name": "image",
        "type": "integer",
        "required": false
      },
      {
        "name": "goal",
        "type": "string",
        "required": false,
        "default": "upgrade"
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
      },
      {
        "name": "check",
        "type": "string",
        "required": false,
        "default": "all"
      }
    ]
  },
  "machine.update.recover": {
    "scope": "update",
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
      },
      {
        "name": "plan_hash",
        "type": "string",
        "required": false
      },
      {
        "name": "until",
        "type": "string",
        "required": false,
        "default": "applied"
      },
      {
        "name": "background",
        "type": "boolean",
        "required": false,
        "default": false
      },
      {
        "name": "when",
        "type": "string",
        "required": false,
        "default": "now"
      },
      {
        "name": "idempotency_key",
        "type": "string",
        "required": false
      }
    ]
  },
  "machine.update.refresh": {
    "scope": "read",
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
    "scope": "update",
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
      },
      {
        "name": "version",
        "type": "string",
        "required": false
      },
      {
        "name": "plan_hash",
        "type": "string",
        "required": false
      },
      {
        "name": "until",
        "type": "string",
        "required": false,
        "default": "applied"
      },
      {
        "name": "background",
        "type": "boolean",
        "required": false,
        "default": false
      },
      {
        "name": "when",
        "type": "string",
        "required": false,
        "default": "now"
      },
      {
        "name": "idempotency_key",
        "type": "string",
        "required": false
      }
    ]
  },
  "machine.update.status": {
    "scope": "read",
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
    "scope": "update",
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
    "scope": "update",
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
      },
      {
        "name": "names",
        "type": "array",
        "required": false
      },
      {
        "name": "version",
        "type": "string",
        "required": false
      },
      {
        "name": "image",
        "type": "integer",
        "required": false
      },
      {
        "name": "atomic",
        "type": "boolean",
        "required": false,
        "default": false
      },
      {
        "name": "plan_hash",
        "type": "string",
        "required": false
      },
      {
        "name": "until",
        "type": "string",
        "required": false,
        "default": "applied"
      },
      {
        "name": "background",
        "type": "boolean",
        "required": false,
        "default": false
      },
      {
        "name": "when",
        "type": "string",
        "required": false,
        "default": "now"
      },
      {
        "name": "idempotency_key",
        "type": "string",
        "required": false
      }
    ]
  },
  "machine.update.versions": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/machine/update/versions"
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
        "name": "limit",
        "type": "integer",
        "required": false,
        "default": 20
      },
      {
        "name": "offset",
        "type": "integer",
        "required": false,
        "default": 0
      }
    ]
  },
  "printer.emergency_stop": {
    "scope": "update",
    "klipper": "emergency_stop",
    "http": {
      "verb": "POST",
      "path": "/printer/emergency_stop"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "printer.firmware_restart": {
    "scope": "admin",
    "http": {
      "verb": "POST",
      "path": "/printer/firmware_restart"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "printer.gcode.help": {
    "scope": "read",
    "klipper": "gcode/help",
    "http": {
      "verb": "GET",
      "path": "/printer/gcode/help"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "printer.gcode.script": {
    "scope": "admin",
    "klipper": "gcode/script",
    "http": {
      "verb": "POST",
      "path": "/printer/gcode/script"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "script",
        "type": "string",
        "required": false
      }
    ]
  },
  "printer.info": {
    "scope": "read",
    "klipper": "info",
    "http": {
      "verb": "GET",
      "path": "/printer/info"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "printer.objects.list": {
    "scope": "read",
    "klipper": "objects/list",
    "http": {
      "verb": "GET",
      "path": "/printer/objects/list"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "printer.objects.query": {
    "scope": "read",
    "klipper": "objects/query",
    "http": {
      "verb": "GET",
      "path": "/printer/objects/query"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "objects",
        "type": "any",
        "required": false
      }
    ]
  },
  "printer.objects.subscribe": {
    "scope": "read",
    "klipper": "objects/subscribe",
    "http": {
      "verb": "POST",
      "path": "/printer/objects/subscribe"
    },
    "transports": [
      "websocket",
      "unix"
    ],
    "params": [
      {
        "name": "objects",
        "type": "any",
        "required": false
      }
    ]
  },
  "printer.print.cancel": {
    "scope": "update",
    "http": {
      "verb": "POST",
      "path": "/printer/print/cancel"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "printer.print.pause": {
    "scope": "update",
    "http": {
      "verb": "POST",
      "path": "/printer/print/pause"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "printer.print.resume": {
    "scope": "update",
    "http": {
      "verb": "POST",
      "path": "/printer/print/resume"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "printer.print.start": {
    "scope": "update",
    "http": {
      "verb": "POST",
      "path": "/printer/print/start"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "filename",
        "type": "string",
        "required": true
      }
    ]
  },
  "printer.query_endstops.status": {
    "scope": "read",
    "klipper": "query_endstops/status",
    "http": {
      "verb": "GET",
      "path": "/printer/query_endstops/status"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "printer.restart": {
    "scope": "admin",
    "http": {
      "verb": "POST",
      "path": "/printer/restart"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "rpc.discover": {
    "scope": "read",
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
  "server.announcements.delete_feed": {
    "scope": "update",
    "http": {
      "verb": "DELETE",
      "path": "/server/announcements/feed"
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
  "server.announcements.dismiss": {
    "scope": "update",
    "http": {
      "verb": "POST",
      "path": "/server/announcements/dismiss"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "entry_id",
        "type": "string",
        "required": true
      },
      {
        "name": "wake_time",
        "type": "integer",
        "required": false
      }
    ]
  },
  "server.announcements.feeds": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/server/announcements/feeds"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "server.announcements.list": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/server/announcements/list"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "include_dismissed",
        "type": "boolean",
        "required": false,
        "default": true
      }
    ]
  },
  "server.announcements.post_feed": {
    "scope": "update",
    "http": {
      "verb": "POST",
      "path": "/server/announcements/feed"
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
  "server.announcements.update": {
    "scope": "update",
    "http": {
      "verb": "POST",
      "path": "/server/announcements/update"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "subscriptions",
        "type": [
          "array",
          "string",
          "null"
        ],
        "required": false,
        "default": null
      }
    ]
  },
  "server.config": {
    "scope": "read",
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
    "scope": "open",
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
        "required": false,
        "secret": true
      },
      {
        "name": "api_key",
        "type": "string",
        "required": false,
        "secret": true
      }
    ]
  },
  "server.database.compact": {
    "scope": "admin",
    "http": {
      "verb": "POST",
      "path": "/server/database/compact"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "server.database.delete_backup": {
    "scope": "admin",
    "http": {
      "verb": "DELETE",
      "path": "/server/database/backup"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "filename",
        "type": "string",
        "required": true
      }
    ]
  },
  "server.database.delete_item": {
    "scope": "update",
    "http": {
      "verb": "DELETE",
      "path": "/server/database/item"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "namespace",
        "type": "string",
        "required": true
      },
      {
        "name": "key",
        "type": [
          "string",
          "number",
          "boolean",
          "object",
          "array",
          "null"
        ],
        "required": true
      }
    ]
  },
  "server.database.get_item": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/server/database/item"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "namespace",
        "type": "string",
        "required": true
      },
      {
        "name": "key",
        "type": [
          "string",
          "number",
          "boolean",
          "object",
          "array",
          "null"
        ],
        "required": false,
        "default": null
      }
    ]
  },
  "server.database.list": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/server/database/list"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "server.database.post_backup": {
    "scope": "admin",
    "http": {
      "verb": "POST",
      "path": "/server/database/backup"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "filename",
        "type": "string",
        "required": false
      }
    ]
  },
  "server.database.post_item": {
    "scope": "update",
    "http": {
      "verb": "POST",
      "path": "/server/database/item"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "namespace",
        "type": "string",
        "required": true
      },
      {
        "name": "key",
        "type": [
          "string",
          "number",
          "boolean",
          "object",
          "array",
          "null"
        ],
        "required": true
      },
      {
        "name": "value",
        "type": [
          "string",
          "number",
          "boolean",
          "object",
          "array",
          "null"
        ],
        "required": true
      }
    ]
  },
  "server.database.restore": {
    "scope": "admin",
    "http": {
      "verb": "POST",
      "path": "/server/database/restore"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "filename",
        "type": "string",
        "required": true
      }
    ]
  },
  "server.extensions.list": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/server/extensions/list"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "server.extensions.request": {
    "scope": "update",
    "http": {
      "verb": "POST",
      "path": "/server/extensions/request"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "agent",
        "type": "string",
        "required": true
      },
      {
        "name": "method",
        "type": "string",
        "required": true
      },
      {
        "name": "arguments",
        "type": [
          "string",
          "number",
          "boolean",
          "object",
          "array",
          "null"
        ],
        "required": false,
        "default": null
      }
    ]
  },
  "server.files.copy": {
    "scope": "admin",
    "http": {
      "verb": "POST",
      "path": "/server/files/copy"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "source",
        "type": "string",
        "required": true
      },
      {
        "name": "dest",
        "type": "string",
        "required": true
      }
    ]
  },
  "server.files.delete_directory": {
    "scope": "admin",
    "http": {
      "verb": "DELETE",
      "path": "/server/files/directory"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "path",
        "type": "string",
        "required": false,
        "default": "gcodes"
      },
      {
        "name": "force",
        "type": "boolean",
        "required": false,
        "default": false
      }
    ]
  },
  "server.files.delete_file": {
    "scope": "admin",
    "http": null,
    "transports": [
      "websocket",
      "unix"
    ],
    "params": [
      {
        "name": "path",
        "type": "string",
        "required": true
      }
    ]
  },
  "server.files.get_directory": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/server/files/directory"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "path",
        "type": "string",
        "required": false,
        "default": "gcodes"
      },
      {
        "name": "extended",
        "type": "boolean",
        "required": false,
        "default": false
      }
    ]
  },
  "server.files.list": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/server/files/list"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "root",
        "type": "string",
        "required": false,
        "default": "gcodes"
      }
    ]
  },
  "server.files.metadata": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/server/files/metadata"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "filename",
        "type": "string",
        "required": true
      }
    ]
  },
  "server.files.move": {
    "scope": "admin",
    "http": {
      "verb": "POST",
      "path": "/server/files/move"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "source",
        "type": "string",
        "required": true
      },
      {
        "name": "dest",
        "type": "string",
        "required": true
      }
    ]
  },
  "server.files.post_directory": {
    "scope": "admin",
    "http": {
      "verb": "POST",
      "path": "/server/files/directory"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "path",
        "type": "string",
        "required": false,
        "default": "gcodes"
      }
    ]
  },
  "server.files.roots": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/server/files/roots"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "server.files.zip": {
    "scope": "admin",
    "http": {
      "verb": "POST",
      "path": "/server/files/zip"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "dest",
        "type": [
          "string",
          "null"
        ],
        "required": false,
        "default": null
      },
      {
        "name": "items",
        "type": [
          "array",
          "string"
        ],
        "required": true
      },
      {
        "name": "store_only",
        "type": "boolean",
        "required": false,
        "default": false
      }
    ]
  },
  "server.gcode_store": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/server/gcode_store"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "count",
        "type": "integer",
        "required": false
      }
    ]
  },
  "server.info": {
    "scope": "read",
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
  "server.logs.rollover": {
    "scope": "admin",
    "http": {
      "verb": "POST",
      "path": "/server/logs/rollover"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "application",
        "type": "string",
        "required": false
      }
    ]
  },
  "server.restart": {
    "scope": "admin",
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
  "server.temperature_store": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/server/temperature_store"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "include_monitors",
        "type": "boolean",
        "required": false,
        "default": false
      }
    ]
  },
  "server.webcams.delete_item": {
    "scope": "update",
    "http": {
      "verb": "DELETE",
      "path": "/server/webcams/item"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "uid",
        "type": "string",
        "required": false
      },
      {
        "name": "name",
        "type": "string",
        "required": false
      }
    ]
  },
  "server.webcams.get_item": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/server/webcams/item"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "uid",
        "type": "string",
        "required": false
      },
      {
        "name": "name",
        "type": "string",
        "required": false
      }
    ]
  },
  "server.webcams.list": {
    "scope": "read",
    "http": {
      "verb": "GET",
      "path": "/server/webcams/list"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": []
  },
  "server.webcams.post_item": {
    "scope": "update",
    "http": {
      "verb": "POST",
      "path": "/server/webcams/item"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "uid",
        "type": "string",
        "required": false
      },
      {
        "name": "name",
        "type": "string",
        "required": false
      },
      {
        "name": "enabled",
        "type": "boolean",
        "required": false
      },
      {
        "name": "icon",
        "type": "string",
        "required": false
      },
      {
        "name": "aspect_ratio",
        "type": "string",
        "required": false
      },
      {
        "name": "target_fps",
        "type": "integer",
        "required": false
      },
      {
        "name": "target_fps_idle",
        "type": "integer",
        "required": false
      },
      {
        "name": "location",
        "type": "string",
        "required": false
      },
      {
        "name": "service",
        "type": "string",
        "required": false
      },
      {
        "name": "stream_url",
        "type": "string",
        "required": false
      },
      {
        "name": "snapshot_url",
        "type": "string",
        "required": false
      },
      {
        "name": "flip_horizontal",
        "type": "boolean",
        "required": false
      },
      {
        "name": "flip_vertical",
        "type": "boolean",
        "required": false
      },
      {
        "name": "rotation",
        "type": "integer",
        "required": false
      },
      {
        "name": "extra_data",
        "type": [
          "string",
          "number",
          "boolean",
          "object",
          "array",
          "null"
        ],
        "required": false
      }
    ]
  },
  "server.webcams.test": {
    "scope": "update",
    "http": {
      "verb": "POST",
      "path": "/server/webcams/test"
    },
    "transports": [
      "websocket",
      "http",
      "unix"
    ],
    "params": [
      {
        "name": "uid",
        "type": "string",
        "required": false
      },
      {
        "name": "name",
        "type": "string",
        "required": false
      }
    ]
  },
  "server.websocket.id": {
    "scope": "read",
    "http": null,
    "transports": [
      "websocket",
      "unix"
    ],
    "params": []
  }
}

export const errorStatus = {
  "missing_argument": 400,
  "bad_argument": 400,
  "unknown_updater": 400,
  "unknown_application": 404,
  "unknown_version": 404,
  "unknown_job": 404,
  "not_found": 404,
  "agent_failed": 400,
  "agent_gone": 500,
  "read_only": 405,
  "checksum_mismatch": 422,
  "method_not_found": 404,
  "refused": 400,
  "not_valid": 400,
  "not_supported": 400,
  "not_reversible": 409,
  "set_in_configuration": 409,
  "pinned": 409,
  "command_failed": 400,
  "remote_failed": 400,
  "http_failed": 500,
  "rate_limited": 400,
  "digest_mismatch": 400,
  "bad_signature": 400,
  "bad_archive": 400,
  "bad_image": 400,
  "unknown_image": 404,
  "upload_mismatch": 409,
  "unsupported_type": 415,
  "image_in_use": 409,
  "stalled": 400,
  "health_failed": 400,
  "no_space": 400,
  "needs_privileges": 400,
  "no_package_manager": 400,
  "packages_busy": 503,
  "packages_broken": 400,
  "package_failed": 400,
  "package_unknown": 400,
  "sources_gone": 400,
  "sources_expired": 400,
  "clock_wrong": 400,
  "no_dns": 400,
  "sources_unreachable": 400,
  "sources_untrusted": 400,
  "sources_renamed": 400,
  "sources_unreadable": 400,
  "plan_changed": 409,
  "needs_plan_hash": 409,
  "already_running": 503,
  "already_queued": 409,
  "job_not_prepared": 409,
  "job_ended": 409,
  "cancelled": 409,
  "interrupted": 400,
  "idempotency_key_reused": 409,
  "printing": 503,
  "klippy_disconnected": 503,
  "klippy_refused": 400,
  "klippy_overloaded": 503,
  "printer_unknown": 503,
  "recovery_while_printing": 400,
  "busy": 503,
  "shutting_down": 503,
  "unauthorized": 401,
  "forbidden": 403,
  "too_large": 413,
  "device_failed": 500,
  "recovery_failed": 500,
  "internal": 500
} as const

export const optionTable: OptionTable = {
  "announcements": {
    "enable_moonlight": {
      "type": "boolean",
      "description": "Feeds are fetched from the web.",
      "default": true
    },
    "dev_mode": {
      "type": "boolean",
      "description": "Feeds are read from development/announcements in the data folder instead.",
      "default": false
    },
    "subscriptions": {
      "type": "array",
      "items": {
        "type": "string"
      },
      "separator": ",",
      "description": "Feeds besides those of Moonraker and Klipper.",
      "default": []
    }
  },
  "authorization": {
    "enable_api_key": {
      "type": "boolean",
      "description": "The API key opens.",
      "default": true
    },
    "login_timeout": {
      "type": "integer",
      "description": "Days after which a login must be repeated with the password.",
      "default": 90,
      "minimum": 1,
      "maximum": 36500
    },
    "max_login_attempts": {
      "type": "integer",
      "description": "An address with so many wrong passwords in a row is refused until a restart; no limit when not given.",
      "minimum": 1
    },
    "trusted_clients": {
      "type": "array",
      "description": "Addresses, networks (CIDR) and host names that need no credentials.",
      "items": {
        "type": "string"
      },
      "separator": "lines",
      "default": []
    },
    "cors_domains": {
      "type": "array",
      "description": "Origins of pages that may use the API from elsewhere; `*` stands for anything, but not in the top level domain.",
      "items": {
        "type": "string"
      },
      "separator": "lines",
      "default": []
    },
    "force_logins": {
      "type": "boolean",
      "description": "Once there is a user, trusted clients must log in too.",
      "default": false
    },
    "default_source": {
      "type": "string",
      "description": "Where passwords are checked: `moonraker`. LDAP is not served.",
      "default": "moonraker"
    }
  },
  "data_store": {
    "temperature_store_size": {
      "type": "integer",
      "description": "Values of each temperature sensor, one a second.",
      "default": 1200,
      "minimum": 0,
      "maximum": 86400
    },
    "gcode_store_size": {
      "type": "integer",
      "description": "Lines of Klipper's console.",
      "default": 1000,
      "minimum": 0,
      "maximum": 100000
    }
  },
  "file_manager": {
    "enable_config_write_access": {
      "type": "boolean",
      "description": "Clients may write in the folder `config`.",
      "default": true
    },
    "queue_gcode_uploads": {
      "type": "boolean",
      "description": "Moonraker's; without effect here.",
      "default": false
    },
    "check_klipper_config_path": {
      "type": "boolean",
      "description": "A Klipper whose configuration is not in the folder `config` is a warning.",
      "default": true
    },
    "enable_object_processing": {
      "type": "boolean",
      "description": "Moonraker's; without effect here.",
      "default": false
    },
    "default_metadata_parser_timeout": {
      "type": "number",
      "description": "Moonraker's; without effect here.",
      "default": 20
    },
    "file_system_observer": {
      "type": "string",
      "description": "`inotify`, or `none`: changes that others make to the configuration are not told. Read at start.",
      "default": "inotify"
    },
    "enable_observer_warnings": {
      "type": "boolean",
      "description": "Moonraker's; without effect here.",
      "default": true
    },
    "enable_inotify_warnings": {
      "type": "boolean",
      "description": "Moonraker's; without effect here.",
      "default": true
    },
    "config_path": {
      "type": "string",
      "description": "Deprecated and without effect."
    },
    "log_path": {
      "type": "string",
      "description": "Deprecated and without effect."
    }
  },
  "machine": {
    "sudo_password": {
      "type": "string",
      "description": "The password for sudo. Better kept in the secrets file: `{secrets.section.option}`.",
      "template": true
    },
    "provider": {
      "type": "string",
      "description": "What starts and stops services.",
      "enum": [
        "systemd_dbus",
        "systemd_cli",
        "supervisord_cli",
        "none"
      ],
      "default": "systemd_dbus"
    },
    "shutdown_action": {
      "type": "string",
      "description": "What a shutdown does.",
      "enum": [
        "halt",
        "poweroff"
      ],
      "default": "poweroff"
    },
    "force_validation": {
      "type": "boolean",
      "description": "Moonraker's; without effect here.",
      "default": false
    },
    "validate_service": {
      "type": "boolean",
      "description": "Moonraker's; without effect here.",
      "default": true
    },
    "validate_config": {
      "type": "boolean",
      "description": "Moonraker's; without effect here.",
      "default": true
    },
    "supervisord_config_path": {
      "type": "string",
      "description": "supervisord's configuration file, for provider supervisord_cli.",
      "default": ""
    }
  },
  "moonkeeper.application": {
    "health_command": {
      "type": "string",
      "description": "Must succeed after an update. Counts only in moonkeeper.conf, which the API cannot write. Split at white space; there is no shell."
    },
    "health_url": {
      "type": "string",
      "description": "Must answer with success after an update. http or https."
    },
    "settle_time": {
      "type": "integer",
      "description": "Seconds that services must stay up before an update counts.",
      "default": 10,
      "minimum": 0
    },
    "auto_update": {
      "type": "string",
      "description": "Which releases are installed unattended; from [moonkeeper] when not given.",
      "enum": [
        "none",
        "minor",
        "all"
      ]
    },
    "update_window": {
      "type": "array",
      "description": "Hours of the day, first-last, for auto_update and `when: \"window\"`; from [moonkeeper] when not given.",
      "items": {
        "type": "integer"
      },
      "separator": "-"
    },
    "soak_time": {
      "type": "number",
      "description": "Hours that a release must be old before it is taken unattended; from [moonkeeper] when not given.",
      "minimum": 0
    },
    "generations": {
      "type": "integer",
      "description": "Versions kept, the running one not counted; from [moonkeeper] when not given.",
      "minimum": 0
    },
    "signing_keys": {
      "type": "array",
      "description": "minisign public keys. With any, images and releases must be signed by one of them; from [moonkeeper] when not given.",
      "items": {
        "type": "string"
      },
      "separator": "spaces"
    },
    "api_url": {
      "type": "string",
      "description": "A GitHub-compatible forge or mirror; GitHub's when not given."
    },
    "extends": {
      "type": "string",
      "description": "The application that this one belongs to, as its plugin."
    },
    "theme": {
      "type": "boolean",
      "description": "Listed among themes rather than plugins.",
      "default": false
    }
  },
  "moonkeeper.dialect": {
    "disable_core_update": {
      "type": "boolean",
      "description": "Refuse to start updates through this API.",
      "default": false
    },
    "wncms_api_update": {
      "type": "boolean",
      "description": "Serve the endpoint that starts an update.",
      "default": true
    },
    "wncms_api_update_progress": {
      "type": "boolean",
      "description": "Serve the progress of an update.",
      "default": true
    },
    "wncms_api_update_progress_auth": {
      "type": "boolean",
      "description": "Ask for a token before progress is told.",
      "default": true
    },
    "wncms_api_updates": {
      "type": "boolean",
      "description": "Serve the lists of updates.",
      "default": true
    }
  },
  "moonkeeper": {
    "data": {
      "type": "string",
      "description": "Folder for the journal, jobs, history, generations and downloads.",
      "default": "{data_path}/moonkeeper",
      "template": true
    },
    "generations": {
      "type": "integer",
      "description": "Versions kept of each application, the running one not counted.",
      "default": 3,
      "minimum": 0
    },
    "min_free_space": {
      "type": "integer",
      "description": "MiB that stay free: an update that would leave less is refused; kept generations are dropped first, oldest first.",
      "default": 150,
      "minimum": 0
    },
    "lock_timeout": {
      "type": "integer",
      "description": "Seconds without progress after which a job is aborted and undone; a package transaction never is.",
      "default": 180,
      "minimum": 1
    },
    "auto_update": {
      "type": "string",
      "description": "Which releases are installed unattended.",
      "enum": [
        "none",
        "minor",
        "all"
      ],
      "default": "none"
    },
    "update_window": {
      "type": "array",
      "description": "Hours of the day, first-last, for auto_update and `when: \"window\"`; any time when not given.",
      "items": {
        "type": "integer"
      },
      "separator": "-"
    },
    "soak_time": {
      "type": "number",
      "description": "Hours that a release must be old before it is taken unattended.",
      "default": 24,
      "minimum": 0
    },
    "max_failures": {
      "type": "integer",
      "description": "Unattended updates of an application stop after so many failures in a row.",
      "default": 3,
      "minimum": 1
    },
    "prepare_while_printing": {
      "type": "boolean",
      "description": "Download while printing, at idle priority, and nothing else.",
      "default": false
    },
    "signing_keys": {
      "type": "array",
      "description": "minisign public keys. With any, images and releases must be signed by one of them.",
      "items": {
        "type": "string"
      },
      "separator": "spaces",
      "default": []
    },
    "allow_unsigned_images": {
      "type": "boolean",
      "description": "Accept images while no key is named.",
      "default": false
    },
    "image_hosts": {
      "type": "array",
      "description": "Hosts that images may be fetched from. None switches fetching off.",
      "items": {
        "type": "string"
      },
      "separator": "spaces",
      "default": []
    },
    "max_image_size": {
      "type": "integer",
      "description": "MiB; larger images are refused.",
      "default": 2048,
      "minimum": 1
    },
    "dialects": {
      "type": "array",
      "description": "Other update APIs to serve: system_update, installatron, wncms.",
      "items": {
        "type": "string"
      },
      "separator": "spaces",
      "default": []
    },
    "scopes": {
      "type": "array",
      "description": "Who may do what: lines `user or key = read, update or admin`. Without any, everyone who may enter may do everything.",
      "items": {
        "type": "string"
      },
      "separator": "lines",
      "default": []
    },
    "trusted_proxies": {
      "type": "array",
      "description": "Addresses or networks whose X-Forwarded-For counts.",
      "items": {
        "type": "string"
      },
      "separator": "spaces",
      "default": [
        "127.0.0.0/8",
        "::1"
      ]
    }
  },
  "octoprint_compat": {
    "enable_ufp": {
      "type": "boolean",
      "description": "Moonraker's; without effect here.",
      "default": true
    },
    "flip_h": {
      "type": "boolean",
      "description": "Moonraker's; without effect here.",
      "default": false
    },
    "flip_v": {
      "type": "boolean",
      "description": "Moonraker's; without effect here.",
      "default": false
    },
    "rotate_90": {
      "type": "boolean",
      "description": "Moonraker's; without effect here.",
      "default": false
    },
    "stream_url": {
      "type": "string",
      "description": "Moonraker's; without effect here.",
      "default": "/webcam/?action=stream"
    },
    "webcam_enabled": {
      "type": "boolean",
      "description": "Moonraker's; without effect here.",
      "default": true
    }
  },
  "secrets": {
    "secrets_path": {
      "type": "string",
      "description": "Deprecated: where the secrets file is when <data path>/moonraker.secrets does not exist.",
      "template": true
    }
  },
  "server": {
    "host": {
      "type": "string",
      "description": "The address that is listened on; `all` for every IPv4 and IPv6 address.",
      "default": "0.0.0.0"
    },
    "port": {
      "type": "integer",
      "description": "TCP port for HTTP and WebSocket.",
      "default": 7125,
      "minimum": 0,
      "maximum": 65535
    },
    "ssl_port": {
      "type": "integer",
      "description": "TCP port for HTTPS. Not served yet.",
      "default": 7130,
      "minimum": 0,
      "maximum": 65535
    },
    "enable_debug_logging": {
      "type": "boolean",
      "description": "Deprecated and without effect; use -v on the command line.",
      "default": false
    },
    "klippy_uds_address": {
      "type": "string",
      "description": "Klipper's API socket. `{data_path}` stands for the data folder.",
      "default": "/tmp/klippy_uds",
      "template": true
    },
    "max_upload_size": {
      "type": "integer",
      "description": "Largest request body, in MiB.",
      "default": 1024,
      "minimum": 1
    },
    "ssl_certificate_path": {
      "type": "string",
      "description": "Deprecated. Not served yet."
    },
    "ssl_key_path": {
      "type": "string",
      "description": "Deprecated. Not served yet."
    },
    "route_prefix": {
      "type": "string",
      "description": "Stands before the path of every HTTP endpoint."
    },
    "max_websocket_connections": {
      "type": "integer",
      "description": "More WebSocket connections than this are refused.",
      "default": 50,
      "minimum": 0
    }
  },
  "update_manager.executable": {
    "type": {
      "type": "string",
      "description": "The kind of application. Must be given.",
      "enum": [
        "executable"
      ],
      "default": "executable"
    },
    "refresh_interval": {
      "type": "integer",
      "description": "Hours between two looks for updates of this application; from [update_manager] when not given.",
      "minimum": 0
    },
    "channel": {
      "type": "string",
      "description": "Which versions are offered.",
      "enum": [
        "stable",
        "beta"
      ],
      "default": "stable"
    },
    "report_anomalies": {
      "type": "boolean",
      "description": "Tell front ends about what is unusual but harmless.",
      "default": true
    },
    "info_tags": {
      "type": "array",
      "description": "Lines for front ends, as `key=value`.",
      "items": {
        "type": "string"
      },
      "separator": "lines",
      "default": []
    },
    "path": {
      "type": "string",
      "description": "The folder that holds the application, absolute or beginning with ~. Must be given.",
      "default": ""
    },
    "system_dependencies": {
      "type": "string",
      "description": "A JSON file with system packages, relative to path."
    },
    "is_system_service": {
      "type": "boolean",
      "description": "Whether managed_services, when it is not given, names the application's own service.",
      "default": true
    },
    "managed_services": {
      "type": "array",
      "description": "Services that are restarted after an update: the application's own name, klipper or moonraker. When not given, the own name unless is_system_service is False.",
      "items": {
        "type": "string"
      },
      "separator": "spaces",
      "default": []
    },
    "repo": {
      "type": "string",
      "description": "The project at the forge, as owner/name. Must be given.",
      "default": ""
    }
  },
  "update_manager.git_repo": {
    "type": {
      "type": "string",
      "description": "The kind of application. Must be given.",
      "enum": [
        "git_repo"
      ],
      "default": "git_repo"
    },
    "refresh_interval": {
      "type": "integer",
      "description": "Hours between two looks for updates of this application; from [update_manager] when not given.",
      "minimum": 0
    },
    "channel": {
      "type": "string",
      "description": "Which versions are offered.",
      "enum": [
        "stable",
        "beta",
        "dev"
      ],
      "default": "dev"
    },
    "report_anomalies": {
      "type": "boolean",
      "description": "Tell front ends about what is unusual but harmless.",
      "default": true
    },
    "info_tags": {
      "type": "array",
      "description": "Lines for front ends, as `key=value`.",
      "items": {
        "type": "string"
      },
      "separator": "lines",
      "default": []
    },
    "path": {
      "type": "string",
      "description": "The folder that holds the application, absolute or beginning with ~. Must be given.",
      "default": ""
    },
    "virtualenv": {
      "type": "string",
      "description": "The folder of the Python virtualenv, absolute or relative to path."
    },
    "env": {
      "type": "string",
      "description": "Deprecated: the virtualenv's python executable. Use virtualenv."
    },
    "venv_args": {
      "type": "string",
      "description": "Arguments for making the virtualenv."
    },
    "pip_environment_variables": {
      "type": "object",
      "description": "Environment of pip, one `NAME=value` a line.",
      "separator": "lines"
    },
    "enable_node_updates": {
      "type": "boolean",
      "description": "Run npm when package-lock.json changed.",
      "default": false
    },
    "requirements": {
      "type": "string",
      "description": "Python's requirements file, relative to path; must be given with a virtualenv."
    },
    "system_dependencies": {
      "type": "string",
      "description": "A JSON file with system packages, relative to path."
    },
    "install_script": {
      "type": "string",
      "description": "Deprecated: an install script that names system packages. Use system_dependencies."
    },
    "is_system_service": {
      "type": "boolean",
      "description": "Whether managed_services, when it is not given, names the application's own service.",
      "default": true
    },
    "managed_services": {
      "type": "array",
      "description": "Services that are restarted after an update: the application's own name, klipper or moonraker. When not given, the own name unless is_system_service is False.",
      "items": {
        "type": "string"
      },
      "separator": "spaces",
      "default": []
    },
    "origin": {
      "type": "string",
      "description": "The URL that updates come from. Must be given.",
      "default": ""
    },
    "moved_origin": {
      "type": "string",
      "description": "The URL that they came from before; a checkout of it is moved to origin."
    },
    "primary_branch": {
      "type": "string",
      "description": "The branch that is released from.",
      "default": "master"
    },
    "pinned_commit": {
      "type": "string",
      "description": "A commit that updates do not go beyond: 8 to 64 hexadecimal digits, kept in lower case."
    }
  },
  "update_manager": {
    "channel": {
      "type": "string",
      "description": "The channel of Klipper and Moonraker.",
      "enum": [
        "stable",
        "beta",
        "dev"
      ]
    },
    "enable_auto_refresh": {
      "type": "boolean",
      "description": "Look for updates every refresh_interval, inside refresh_window.",
      "default": false
    },
    "refresh_window": {
      "type": "array",
      "description": "Hours of the day, first-last, in which enable_auto_refresh looks. May go over midnight.",
      "items": {
        "type": "integer"
      },
      "separator": "-",
      "default": [
        0,
        5
      ]
    },
    "enable_repo_debug": {
      "type": "boolean",
      "description": "Deprecated and without effect; use -g on the command line.",
      "default": false
    },
    "refresh_interval": {
      "type": "integer",
      "description": "Hours between two looks for updates.",
      "default": 168,
      "minimum": 0
    },
    "enable_system_updates": {
      "type": "boolean",
      "description": "Offer updates of the operating system's packages.",
      "default": true
    },
    "enable_packagekit": {
      "type": "boolean",
      "description": "Use PackageKit for them, else apt.",
      "default": true
    },
    "client_repo": {
      "type": "string",
      "description": "No longer an option, in Moonraker neither: use a section [update_manager NAME]."
    },
    "client_path": {
      "type": "string",
      "description": "No longer an option, in Moonraker neither: use a section [update_manager NAME]."
    }
  },
  "update_manager.override": {
    "channel": {
      "type": "string",
      "description": "Which versions are offered; from [update_manager] when not given.",
      "enum": [
        "stable",
        "beta",
        "dev"
      ]
    },
    "pinned_commit": {
      "type": "string",
      "description": "A commit that updates do not go beyond: 8 to 64 hexadecimal digits, kept in lower case."
    },
    "refresh_interval": {
      "type": "integer",
      "description": "Hours between two looks for updates of this application; from [update_manager] when not given.",
      "minimum": 0
    },
    "report_anomalies": {
      "type": "boolean",
      "description": "Tell front ends about what is unusual but harmless. Yes when not given."
    },
    "path": {
      "type": "string",
      "description": "The checkout. When not given: what Klipper reports; for Moonraker ~/moonraker."
    },
    "env": {
      "type": "string",
      "description": "The python executable that runs it, in its virtualenv."
    }
  },
  "update_manager.python": {
    "type": {
      "type": "string",
      "description": "The kind of application. Must be given.",
      "enum": [
        "python"
      ],
      "default": "python"
    },
    "refresh_interval": {
      "type": "integer",
      "description": "Hours between two looks for updates of this application; from [update_manager] when not given.",
      "minimum": 0
    },
    "channel": {
      "type": "string",
      "description": "Which versions are offered.",
      "enum": [
        "stable",
        "beta",
        "dev"
      ],
      "default": "stable"
    },
    "report_anomalies": {
      "type": "boolean",
      "description": "Tell front ends about what is unusual but harmless.",
      "default": true
    },
    "info_tags": {
      "type": "array",
      "description": "Lines for front ends, as `key=value`.",
      "items": {
        "type": "string"
      },
      "separator": "lines",
      "default": []
    },
    "virtualenv": {
      "type": "string",
      "description": "The folder of the virtualenv that holds the package. Must be given.",
      "default": ""
    },
    "env": {
      "type": "string",
      "description": "Deprecated: the virtualenv's python executable. Use virtualenv."
    },
    "venv_args": {
      "type": "string",
      "description": "Arguments for making the virtualenv."
    },
    "pip_environment_variables": {
      "type": "object",
      "description": "Environment of pip, one `NAME=value` a line.",
      "separator": "lines"
    },
    "is_system_service": {
      "type": "boolean",
      "description": "Whether managed_services, when it is not given, names the application's own service.",
      "default": true
    },
    "managed_services": {
      "type": "array",
      "description": "Services that are restarted after an update: the application's own name, klipper or moonraker. When not given, the own name unless is_system_service is False.",
      "items": {
        "type": "string"
      },
      "separator": "spaces",
      "default": []
    },
    "primary_branch": {
      "type": "string",
      "description": "The branch, for a package that was installed from git."
    },
    "project_name": {
      "type": "string",
      "description": "The package, with extras in brackets if any; the section's name when not given."
    }
  },
  "update_manager.web": {
    "type": {
      "type": "string",
      "description": "The kind of application. Must be given.",
      "enum": [
        "web"
      ],
      "default": "web"
    },
    "refresh_interval": {
      "type": "integer",
      "description": "Hours between two looks for updates of this application; from [update_manager] when not given.",
      "minimum": 0
    },
    "channel": {
      "type": "string",
      "description": "Which versions are offered.",
      "enum": [
        "stable",
        "beta"
      ],
      "default": "stable"
    },
    "report_anomalies": {
      "type": "boolean",
      "description": "Tell front ends about what is unusual but harmless.",
      "default": true
    },
    "info_tags": {
      "type": "array",
      "description": "Lines for front ends, as `key=value`.",
      "items": {
        "type": "string"
      },
      "separator": "lines",
      "default": []
    },
    "path": {
      "type": "string",
      "description": "The folder that holds the application, absolute or beginning with ~. Must be given.",
      "default": ""
    },
    "repo": {
      "type": "string",
      "description": "The project at the forge, as owner/name. Must be given.",
      "default": ""
    },
    "persistent_files": {
      "type": "array",
      "description": "Files and folders, relative to path, that an update leaves alone.",
      "items": {
        "type": "string"
      },
      "separator": "lines"
    }
  },
  "update_manager.zip": {
    "type": {
      "type": "string",
      "description": "The kind of application. Must be given.",
      "enum": [
        "zip"
      ],
      "default": "zip"
    },
    "refresh_interval": {
      "type": "integer",
      "description": "Hours between two looks for updates of this application; from [update_manager] when not given.",
      "minimum": 0
    },
    "channel": {
      "type": "string",
      "description": "Which versions are offered.",
      "enum": [
        "stable",
        "beta"
      ],
      "default": "stable"
    },
    "report_anomalies": {
      "type": "boolean",
      "description": "Tell front ends about what is unusual but harmless.",
      "default": true
    },
    "info_tags": {
      "type": "array",
      "description": "Lines for front ends, as `key=value`.",
      "items": {
        "type": "string"
      },
      "separator": "lines",
      "default": []
    },
    "path": {
      "type": "string",
      "description": "The folder that holds the application, absolute or beginning with ~. Must be given.",
      "default": ""
    },
    "virtualenv": {
      "type": "string",
      "description": "The folder of the Python virtualenv, absolute or relative to path."
    },
    "env": {
      "type": "string",
      "description": "Deprecated: the virtualenv's python executable. Use virtualenv."
    },
    "venv_args": {
      "type": "string",
      "description": "Arguments for making the virtualenv."
    },
    "pip_environment_variables": {
      "type": "object",
      "description": "Environment of pip, one `NAME=value` a line.",
      "separator": "lines"
    },
    "enable_node_updates": {
      "type": "boolean",
      "description": "Run npm when package-lock.json changed.",
      "default": false
    },
    "requirements": {
      "type": "string",
      "description": "Python's requirements file, relative to path; must be given with a virtualenv."
    },
    "system_dependencies": {
      "type": "string",
      "description": "A JSON file with system packages, relative to path."
    },
    "install_script": {
      "type": "string",
      "description": "Deprecated: an install script that names system packages. Use system_dependencies."
    },
    "is_system_service": {
      "type": "boolean",
      "description": "Whether managed_services, when it is not given, names the application's own service.",
      "default": true
    },
    "managed_services": {
      "type": "array",
      "description": "Services that are restarted after an update: the application's own name, klipper or moonraker. When not given, the own name unless is_system_service is False.",
      "items": {
        "type": "string"
      },
      "separator": "spaces",
      "default": []
    },
    "repo": {
      "type": "string",
      "description": "The project at the forge, as owner/name. Must be given.",
      "default": ""
    },
    "persistent_files": {
      "type": "array",
      "description": "Files and folders, relative to path, that an update leaves alone.",
      "items": {
        "type": "string"
      },
      "separator": "lines"
    }
  },
  "webcam": {
    "enabled": {
      "type": "boolean",
      "description": "Front ends show it.",
      "default": true
    },
    "icon": {
      "type": "string",
      "description": "A name of Material Design Icons.",
      "default": "mdiWebcam"
    },
    "aspect_ratio": {
      "type": "string",
      "description": "Width:height.",
      "default": "4:3"
    },
    "target_fps": {
      "type": "integer",
      "description": "Pictures a second.",
      "default": 15
    },
    "target_fps_idle": {
      "type": "integer",
      "description": "Pictures a second while nobody looks.",
      "default": 5
    },
    "location": {
      "type": "string",
      "description": "Where it is.",
      "default": "printer"
    },
    "service": {
      "type": "string",
      "description": "What serves it.",
      "default": "mjpegstreamer"
    },
    "stream_url": {
      "type": "string",
      "description": "Required. Of this machine when it has no host."
    },
    "snapshot_url": {
      "type": "string",
      "description": "Of this machine when it has no host.",
      "default": ""
    },
    "flip_horizontal": {
      "type": "boolean",
      "description": "Left and right are swapped.",
      "default": false
    },
    "flip_vertical": {
      "type": "boolean",
      "description": "Top and bottom are swapped.",
      "default": false
    },
    "rotation": {
      "type": "integer",
      "description": "Degrees: 0, 90, 180 or 270.",
      "default": 0
    }
  }
}

export const dialectFields: FieldTable = {
  "InstallatronPage": {
    "offset": "integer",
    "limit": "integer"
  },
  "InstallatronPolicy": {
    "user": [
      "string",
      "null"
    ],
    "autoup": "string",
    "autoup_backup": "string",
    "autoup_plugins": "string",
    "autoup_themes": "string",
    "notification": "array",
    "autobk": "string",
    "bkloc": "string",
    "language": "string",
    "title": "string"
  },
  "InstallatronRestore": {
    "user": [
      "string",
      "null"
    ],
    "background": "boolean",
    "dryrun": "string"
  },
  "InstallatronUpdate": {
    "version": [
      "string",
      "null"
    ],
    "revert": "boolean",
    "user": [
      "string",
      "null"
    ],
    "plugins": "array",
    "plugin": "array",
    "themes": "array",
    "theme": "array",
    "background": "boolean",
    "dryrun": "string"
  },
  "SystemUpdateFetch": {
    "url": "string"
  },
  "SystemUpdateInit": {
    "image_id": "integer"
  },
  "WncmsProgress": {
    "api_token": "string",
    "itemId": "string"
  },
  "WncmsUpdate": {
    "api_token": "string",
    "package": "string",
    "version": [
      "string",
      "null"
    ]
  },
  "WncmsUpdates": {
    "api_token": "string",
    "page": "integer",
    "page_size": "integer",
    "sort": "string",
    "direction": "string",
    "keywords": [
      "string",
      "null"
    ],
    "is_random": "boolean",
    "tags": "array",
    "tag_type": "string",
    "excluded_post_ids": "array",
    "locale": [
      "string",
      "null"
    ]
  }
}
