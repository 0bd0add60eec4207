namespace Tutti.Identity.SigningIn;

/// <summary>A sign-in that failed. The login is kept as a hash: people type passwords into the wrong field.</summary>
public sealed class FailedSignIn
{
    /// <summary>Id.</summary>
    public required Guid Id { get; init; }

    /// <summary>SHA-256 of the login that was typed, whether or not there is such an account.</summary>
    public required string LoginHash { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }
}
