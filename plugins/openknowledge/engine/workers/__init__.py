"""Who carries out actions: processes on this machine, a Dask cluster, or the calling process."""
