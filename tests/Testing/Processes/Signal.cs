namespace Tutti.Testing;

/// <summary>The signals sent to child processes, by their POSIX numbers.</summary>
public enum Signal
{
    /// <summary>SIGINT: PostgreSQL's fast shutdown.</summary>
    Interrupt = 2,

    /// <summary>SIGQUIT: PostgreSQL's immediate shutdown, which leaves recovery to the next start.</summary>
    Quit = 3,

    /// <summary>SIGKILL: the process gets no chance to do anything.</summary>
    Kill = 9,

    /// <summary>SIGTERM: the orderly end of a service.</summary>
    Terminate = 15,
}
