"""Where actions run: processes of this machine, a Dask cluster, or the calling process."""
