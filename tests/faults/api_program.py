"""`nophoto api` with tripwires: the same entry as that of the server's process."""

import os
from pathlib import Path

from nophoto.api.__main__ import main
from tests.faults.tripwires import install_in_api

if __name__ == "__main__":
    install_in_api(Path(os.environ["FAULTS_FOLDER"]))
    main()
