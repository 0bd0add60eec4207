namespace Tutti.Proposals.Submitting;

/// <summary>The declaration without which nothing can be submitted (R49): text and version are stored with each submission.</summary>
public static class Declaration
{
    /// <summary>Version in force; a draft accepts it by this name.</summary>
    public const string Version = "2026-1";

    /// <summary>The text.</summary>
    public const string Text =
        "We will acknowledge the access granted through this proposal, with the proposal's number, in every publication that uses data obtained with it.";
}
