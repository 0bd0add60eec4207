namespace Tutti.Testing;

/// <summary>Neither a Docker engine nor the installed program is there; the message says how to install it.</summary>
public sealed class ServerNotInstalledException(string server, string packages) : Exception(
    $"{server} is needed: no Docker engine answers and it is not installed. On Debian: sudo apt-get install -y --no-install-recommends {packages}");
